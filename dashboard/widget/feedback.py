"""“This is wrong, it is …”: below an answer, unless feedback is switched off."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from dashboard.core.errors import InvalidInput, LightboxError
from dashboard.core.feedback.giving import give
from dashboard.core.models.store import get_model
from dashboard.core.serving.answers import Answer
from dashboard.core.settings import settings
from dashboard.core.tasks import class_name
from dashboard.core.text import explain_error
from dashboard.widget.faults import plain_faults
from dashboard.widget.model_choice import one_of
from dashboard.widget.status import status
from dashboard.widget.upload import not_here, read_upload
from dashboard.widget.verdict import Translate


class Answered(NamedTuple):
    """An answer that may be called wrong; kept by the server, so that nobody can make one up.

    Attributes:
        path: Of the upload.
        model: That answered.
        version: Of the model.
        answer: The class it answered.
    """

    path: str
    model: str
    version: str
    answer: str


def form(name: str, t: Translate, language: str) -> list[Any]:
    """Draw the form, folded; return its components in the order of `offered`.

    Args:
        name: Id of its element.
        t: Translates.
        language: Of the sentences.
    """
    if not settings().feedback:
        return []
    about = gr.State(None)
    with gr.Accordion(t("This is wrong"), open=False, visible=False, elem_id=name) as fold:
        with gr.Column() as asked:
            label = one_of([], value=None, label=t("It is"), elem_id=f"{name}-label")
            consent = gr.Checkbox(
                False,
                label=t(
                    "I agree that this picture is stored here, without its metadata, and may be "
                    "used to train models. Nothing else is stored."
                ),
                elem_id=f"{name}-consent",
            )
            button = gr.Button(t("Hand in"), elem_id=f"{name}-give")
        told = status(elem_id=f"{name}-told")

    def handed_in(about: Answered | None, label: str | None, consent: bool) -> tuple[Any, ...]:
        with plain_faults(t, language):
            try:
                return gr.update(visible=False), _hand_in(about, label, consent, t)
            except LightboxError as error:  # an error of Gradio's would cover the form
                return gr.update(), explain_error(error, language)

    button.click(
        handed_in, [about, label, consent], [asked, told],
        api_name=name, api_visibility="private", concurrency_limit=2,
    )  # fmt: skip
    return [fold, asked, label, consent, told, about]


def withdrawn() -> list[Any]:
    """Return what hides the form and forgets what it was about."""
    if not settings().feedback:
        return []
    hidden = gr.update(visible=False)
    return [hidden, hidden, gr.update(value=None, choices=[]), False, "", None]


def offered(answer: Answer, path: str) -> list[Any]:
    """Return what makes the form one about `answer` to the picture at `path`."""
    if not settings().feedback:
        return []
    first = answer.predictions[0]
    about = Answered(path, answer.model, answer.version, class_name(first.task, first.label))
    return [
        gr.update(visible=True, open=False),
        gr.update(visible=True),
        gr.update(value=None, choices=list(get_model(answer.model).card.classes)),
        False,
        "",
        about,
    ]


def _hand_in(about: Answered | None, label: str | None, consent: bool, t: Translate) -> str:
    if about is None:  # the page is older than the server
        raise not_here()
    if not label:
        raise InvalidInput("Choose what it is.", code="class_missing")
    content = read_upload(about.path)
    item = give(content, about.model, about.version, about.answer, label, consent is True)
    return t("Thank you. It waits to be looked at, as “{label}”.", label=item.label)
