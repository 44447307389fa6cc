"""The answer of one model: its place on the page, and what is put there."""

from __future__ import annotations

from typing import Any

import gradio as gr

from dashboard.core.errors import LightboxError
from dashboard.core.models.store import get_model
from dashboard.core.serving.answers import Answer
from dashboard.core.serving.assurance import evidence_title
from dashboard.core.text import explain_error
from dashboard.widget import feedback
from dashboard.widget.answer import answer_label
from dashboard.widget.markdown import escaped
from dashboard.widget.verdict import Translate, evidence, heat_map, signature, verdict


def column(place: int, t: Translate, language: str) -> list[Any]:
    """Draw the place of an answer; return its components in the order of `filled`.

    Args:
        place: Among the models side by side, from 0.
        t: Translates.
        language: Of the sentences.
    """

    def named(name: str) -> str:
        return f"{name}-{place + 1}" if place else name

    label = answer_label(t("I don’t know"), label=t("Answer"), elem_id=named("answer"))
    told = gr.Markdown(elem_id=named("verdict"))
    why = gr.Image(
        label=t("What speaks for it"),
        alt_text=t(
            "The picture under a heat map: the brighter a place, the more it speaks for it."
        ),
        visible=False,
        interactive=False,
        buttons=["fullscreen"],
        elem_id=named("why"),
    )
    nearest = gr.Gallery(
        label=t("The training images most like it"), visible=False, columns=4, height="auto",
        object_fit="contain", allow_preview=False, interactive=False, buttons=[],
        elem_id=named("evidence"), elem_classes=["evidence"],
    )  # fmt: skip
    summary = gr.Markdown(elem_id=named("summary"))
    form = feedback.form(named("feedback"), t, language)
    return [label, told, why, nearest, summary, *form]


def blank() -> list[Any]:
    """Return what stands there while there is no answer."""
    hidden = gr.update(visible=False)
    return [None, "", hidden, hidden, "", *feedback.withdrawn()]


def filled(found: Answer | LightboxError, path: str, t: Translate, language: str) -> list[Any]:
    """Return what stands there.

    Args:
        found: The answer, or why there is none.
        path: Of the picture.
        t: Translates.
        language: Of the sentences.
    """
    if isinstance(found, LightboxError):
        label, _, *rest = blank()
        return [label, escaped(explain_error(found, language)), *rest]
    why, nearest = heat_map(found), evidence(found, t)
    title = t(evidence_title(get_model(found.model).card))
    return [
        found,
        verdict(found, t),
        gr.update(value=why, visible=why is not None),
        gr.update(value=nearest, label=title, visible=bool(nearest)),
        signature(found, t),
        *feedback.offered(found, path),
    ]
