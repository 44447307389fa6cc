"""From what a visitor gave to what the widget shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import gradio as gr

from dashboard.core.errors import LightboxError
from dashboard.core.explain.catalog import EXPLAINERS
from dashboard.core.log import begin_request
from dashboard.core.models.store import get_model
from dashboard.core.serving.answers import Answer
from dashboard.core.serving.question import Question
from dashboard.core.serving.side_by_side import respondents, rivals
from dashboard.widget.answer import headline
from dashboard.widget.asking import ask
from dashboard.widget.column import blank, filled
from dashboard.widget.faults import plain_faults
from dashboard.widget.markdown import escaped
from dashboard.widget.model_choice import MOST, side_by_side
from dashboard.widget.upload import read_upload
from dashboard.widget.verdict import Translate
from dashboard.widget.visit import Shown, added, gallery

_TOP = 5
_EVIDENCE = 4
_THUMB_SIDE = 96


class Given(NamedTuple):
    """What a visitor gave.

    Attributes:
        path: Of the upload; none yet, or taken away again.
        model: Name of a published model.
        explain: Whether to show why.
        error: Share of the sets of classes that may lack the true one.
        others: Models to compare with.
        visit: The pictures before.
    """

    path: str | None
    model: str | None
    explain: bool
    error: float
    others: list[str]
    visit: list[Shown]


Found = Answer | LightboxError


def answered(given: Given, t: Translate, language: str) -> list[Any]:
    """Return the values of the columns, then of what is around them.

    These are: which columns there are and their titles, whether the models agree, what is
    announced, the visit and its gallery.

    Raises:
        gr.Error: With a plain sentence in `language`.
    """
    models = side_by_side(given.model, given.others)
    places = open_columns(models)
    if not given.path:
        nothing = [value for _ in range(MOST) for value in blank()]
        return [*nothing, *places, gr.update(visible=False), "", given.visit, gr.update()]
    begin_request()
    with plain_faults(t, language):
        content = read_upload(given.path)
        found = [_found(content, given, model) for model in models]
        answers = [item for item in found if isinstance(item, Answer)]
        if not answers:
            raise found[0]  # type: ignore[misc]
        columns = [filled(item, given.path, t, language) for item in found]
        columns += [blank()] * (MOST - len(models))
        unknown = t("I don’t know")
        shown = Shown(given.path, answers[0].thumb_png, headline(answers[0], unknown))
        visit = added(given.visit, shown)
        agreement = _agreement(answers, t)
        return [
            *(value for column in columns for value in column),
            *places,
            gr.update(value=agreement, visible=bool(agreement)),
            _announced(answers, t),
            visit,
            gr.update(value=gallery(visit), visible=len(visit) > 1),
        ]


def open_columns(models: Sequence[str | None]) -> list[Any]:
    """Return which columns beside the first are there, and the titles of all: one needs none."""
    names = [*models, *[None] * (MOST - len(models))]
    several = len(models) > 1
    return [
        *(gr.update(visible=place < len(models)) for place in range(1, MOST)),
        *(gr.update(value=f"## {escaped(name or '')}", visible=several) for name in names),
    ]


def _found(content: bytes, given: Given, model: str | None) -> Found:
    question = Question(
        model=model,
        top=_TOP,
        explain=EXPLAINERS[0].id if given.explain else None,
        error=given.error,
        evidence=_EVIDENCE,
        thumb=_THUMB_SIDE,
    )
    try:
        return ask(content, question)
    except LightboxError as error:  # the others may have an answer
        return error


def _agreement(answers: Sequence[Answer], t: Translate) -> str:
    """Say whether models that have the same classes to choose from chose the same."""
    groups = rivals(respondents([get_model(answer.model).card for answer in answers]))
    if not groups:
        return ""
    unknown = t("I don’t know")
    for group in groups:
        if len({headline(answers[each.place], unknown) for each in group}) > 1:
            return t("Models with the same classes **disagree**.")
    return t("Models with the same classes agree.")


def _announced(answers: Sequence[Answer], t: Translate) -> str:
    unknown = t("I don’t know")
    if len(answers) == 1:
        return t("Answer: {answer}", answer=headline(answers[0], unknown))
    return " ".join(
        t("{model}: {answer}.", model=answer.model, answer=headline(answer, unknown))
        for answer in answers
    )
