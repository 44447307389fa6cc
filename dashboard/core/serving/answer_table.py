"""The answers to many pictures as the columns of a table, for the page, the terminal and CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dashboard.core.models.card import Card
from dashboard.core.serving.many import Row
from dashboard.core.serving.side_by_side import Verdict, respondents, rivals

Translate = Callable[..., str]
Cell = str | float | None


def answer_columns(
    rows: Sequence[Row], models: Sequence[Card], found: Sequence[Verdict], t: Translate
) -> dict[str, list[Cell]]:
    """Return heading → the cells below it; None where there is no answer.

    Args:
        rows: The pictures.
        models: That were asked.
        found: What there is to say of each picture, from `verdicts`.
        t: Translates a template and fills its gaps.
    """
    asked = respondents(models)
    columns: dict[str, list[Cell]] = {t("File"): [row.path for row in rows]}
    for respondent in asked:
        given = [respondent.answer(row) for row in rows]
        alone = len(asked) == 1
        answer = t("Answer") if alone else respondent.name
        probability = (
            t("Probability") if alone else t("{model}: probability", model=respondent.name)
        )
        columns[answer] = [item and (item.label or "–") for item in given]
        columns[probability] = [item and item.probability for item in given]
    if rivals(asked):
        columns[t("Models disagree")] = ["≠" if verdict.disagreed else "" for verdict in found]
    if any(verdict.true for verdict in found):
        columns[t("True class")] = [verdict.true for verdict in found]
        columns[t("Wrong")] = ["✗" if verdict.wrong else "" for verdict in found]
    columns[t("Remark")] = [_remark(row, t) for row in rows]
    return columns


def _remark(row: Row, t: Translate) -> str:
    notes = row.answers[0].notes if row.answers else filter(None, (row.unusable,))
    return " ".join(t(note.template, **note.values) for note in notes)
