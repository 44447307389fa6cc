"""A label output that shows an answer of the engine, with one headline for all tasks."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.components.label import LabelConfidence, LabelData

from dashboard.core.serving.answers import Answer
from dashboard.core.tasks import class_name


def answer_label(unknown: str, **options: Any) -> gr.Label:
    """Return a `gr.Label` whose value is an `Answer`, or None for no answer yet.

    Gradio would sort the classes of all tasks among each other; here they stay task by task.
    (Not a subclass: see `uploaded_image`.)

    Args:
        unknown: The headline for pictures the model does not know.
        **options: For `gr.Label`.
    """
    label = gr.Label(**options)
    label.postprocess = lambda answer: _shown(answer, unknown)  # type: ignore[method-assign]
    return label


def headline(answer: Answer, unknown: str) -> str:
    """Return the classes chosen of all tasks, "–" for none, or `unknown`."""
    if answer.assurance and not answer.assurance.known:
        return unknown
    return " · ".join(item.label for found in answer.chosen.values() for item in found) or "–"


def _shown(answer: Answer | None, unknown: str) -> LabelData | dict[str, Any]:
    if answer is None:
        return {}
    return LabelData(
        label=headline(answer, unknown),
        confidences=[
            LabelConfidence(label=class_name(item.task, item.label), confidence=item.probability)
            for item in answer.predictions
        ],
    )
