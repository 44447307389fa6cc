"""From what a visitor gave to what the widget shows."""

from __future__ import annotations

import logging
import secrets
from typing import Any, NamedTuple

import gradio as gr

from dashboard.core.errors import LightboxError
from dashboard.core.explain.catalog import EXPLAINERS
from dashboard.core.serving.client import engine
from dashboard.core.serving.question import Question
from dashboard.core.text import explain_error
from dashboard.widget.answer import headline
from dashboard.widget.upload import read_upload
from dashboard.widget.verdict import Translate, evidence, heat_map, signature, verdict
from dashboard.widget.visit import Shown, added, gallery

_TOP = 5
_EVIDENCE = 4
_THUMB_SIDE = 96
_LOG = logging.getLogger(__name__)


class Given(NamedTuple):
    """What a visitor gave.

    Attributes:
        path: Of the upload; none yet, or taken away again.
        model: Name of a published model.
        explain: Whether to show why.
        error: Share of the sets of classes that may lack the true one.
        visit: The pictures before.
    """

    path: str | None
    model: str | None
    explain: bool
    error: float
    visit: list[Shown]


def answered(given: Given, t: Translate, language: str) -> tuple[Any, ...]:
    """Return label, verdict, heat map, evidence, signature, the visit, and its gallery.

    Raises:
        gr.Error: With a plain sentence in `language`.
    """
    if not given.path:
        hidden = gr.update(visible=False)
        return None, "", hidden, hidden, "", given.visit, gr.update()
    try:
        content = read_upload(given.path)
        answer = engine().classify(
            content,
            Question(
                model=given.model,
                top=_TOP,
                explain=EXPLAINERS[0].id if given.explain else None,
                error=given.error,
                evidence=_EVIDENCE,
            ),
        )
        pixels = engine().thumbnail(content, _THUMB_SIDE)
    except LightboxError as error:
        raise gr.Error(explain_error(error, language), print_exception=False) from error
    except Exception as error:
        reference = secrets.token_hex(4)
        _LOG.exception("widget failed [%s]", reference)
        message = t(
            "Something failed on our side. Its reference is {reference}.", reference=reference
        )
        raise gr.Error(message, print_exception=False) from error
    shown = Shown(given.path, pixels, headline(answer, t("I don’t know")))
    visit = added(given.visit, shown)
    nearest, why = evidence(answer, t), heat_map(answer)
    return (
        answer,
        verdict(answer, t),
        gr.update(value=why, visible=why is not None),
        gr.update(value=nearest, visible=bool(nearest)),
        signature(answer, t),
        visit,
        gr.update(value=gallery(visit), visible=len(visit) > 1),
    )
