"""Drop-downs that leave it to us to say what is wrong with a choice."""

from __future__ import annotations

from typing import Any

import gradio as gr

MOST = 3
"""Models that answer side by side."""

_MAX_NAME = 200
"""Longer than any name, and short enough to be sent to the engine."""


def model_choice(names: list[str], **options: Any) -> gr.Dropdown:
    """Return a `gr.Dropdown` of `names`, whose value is a string or None.

    Args:
        names: What is offered, the first one chosen.
        **options: For `gr.Dropdown`.
    """
    return one_of(names, value=next(iter(names), None), **options)


def one_of(names: list[str], **options: Any) -> gr.Dropdown:
    """Return a `gr.Dropdown` of `names`, whose value is a string or None.

    Gradio would refuse what is not on its list in its own words, and the list of a page that was
    opened before a model was published lacks it. (Not a subclass: see `uploaded_image`.)
    """
    choice = gr.Dropdown(names, **options)
    choice.preprocess = _name  # type: ignore[method-assign]
    return choice


def others_choice(names: list[str], **options: Any) -> gr.Dropdown:
    """Return a `gr.Dropdown` of the models to compare with, whose value is a list of strings."""
    choice = gr.Dropdown(names, value=[], multiselect=True, max_choices=MOST - 1, **options)
    choice.preprocess = _names  # type: ignore[method-assign]
    return choice


def side_by_side(model: str | None, others: list[str]) -> tuple[str | None, ...]:
    """Return the models that answer: each once, at most three, the chosen one first."""
    return tuple(dict.fromkeys([model, *others]))[:MOST]


def wanted_models(values: list[str], names: list[str]) -> list[str]:
    """Return which of `names` an address asks for, at most three; else the first there is.

    Args:
        values: Of `?model=`, each a name or several with commas between.
        names: Of the models there are.
    """
    asked = [name for value in values for name in value.split(",")]
    wanted = [name for name in dict.fromkeys(asked) if name in names]
    return wanted[:MOST] or names[:1]


def _name(payload: Any) -> str | None:
    return None if payload is None else str(payload)[:_MAX_NAME]


def _names(payload: Any) -> list[str]:
    given = payload if isinstance(payload, list) else []
    return [str(item)[:_MAX_NAME] for item in given[: MOST - 1]]
