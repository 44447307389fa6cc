"""A drop-down of models that leaves it to the engine to say what is wrong with a choice."""

from __future__ import annotations

from typing import Any

import gradio as gr

_MAX_NAME = 200
"""Longer than any name of a model, and short enough to be sent to the engine."""


def model_choice(names: list[str], **options: Any) -> gr.Dropdown:
    """Return a `gr.Dropdown` of `names`, whose value is a string or None.

    Gradio would refuse what is not on its list in its own words, and the list of a page that was
    opened before a model was published lacks it. (Not a subclass: see `uploaded_image`.)

    Args:
        names: What is offered, the first one chosen.
        **options: For `gr.Dropdown`.
    """
    choice = gr.Dropdown(names, value=next(iter(names), None), **options)
    choice.preprocess = _name  # type: ignore[method-assign]
    return choice


def _name(payload: Any) -> str | None:
    return None if payload is None else str(payload)[:_MAX_NAME]
