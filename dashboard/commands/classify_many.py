"""Many pictures on the command line: a table, lines of JSON, a file for spreadsheets."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer
from rich.progress import Progress

from dashboard.commands.explanations import Explanations
from dashboard.commands.terminal import OUT, print_rows, quiet_libraries, t
from dashboard.core.atomic import write_bytes
from dashboard.core.data.gathered import gathered
from dashboard.core.errors import LightboxError
from dashboard.core.models.card import Card
from dashboard.core.serving import many
from dashboard.core.serving.answer_table import Cell, answer_columns
from dashboard.core.serving.engine import Engine, find_model
from dashboard.core.serving.many import Row
from dashboard.core.serving.question import Question
from dashboard.core.serving.side_by_side import respondents, score, verdicts
from dashboard.core.spreadsheet import to_csv


@dataclass(frozen=True)
class Output:
    """What to make of the answers.

    Attributes:
        folder: Where explanations go, if anywhere.
        csv: The table for spreadsheets, if one is wanted.
        as_json: Lines of JSON instead of a table.
    """

    folder: Path | None
    csv: Path | None
    as_json: bool


def classify_many(
    engine: Engine, paths: Sequence[Path], question: Question, output: Output
) -> bool:
    """Classify what `paths` name, and return whether all of it could be used."""
    card = find_model(question.model).card
    start = time.monotonic()
    rows = list(_answered(engine, paths, card, question, output))
    found = verdicts(rows, respondents([card]), truth=True)
    columns = answer_columns(rows, [card], found, t)
    if output.csv:
        write_bytes(output.csv, to_csv(list(columns), zip(*columns.values(), strict=True)))
    if not output.as_json:
        cells = zip(*columns.values(), strict=True)
        shown = [dict(zip(columns, map(_text, row), strict=True)) for row in cells]
        print_rows(False, None, card.name, shown)
        _summarize(rows, card, time.monotonic() - start)
    return not any(row.unusable for row in rows)


def _answered(
    engine: Engine, paths: Sequence[Path], card: Card, question: Question, output: Output
) -> Iterator[Row]:
    """Yield a row for each picture, with a line of JSON or a step of the progress bar."""
    explanations = Explanations(output.folder) if output.folder else None
    with gathered(paths) as readers, quiet_libraries() as terminal:
        hidden = output.as_json or not terminal.is_terminal
        with Progress(console=terminal, disable=hidden, transient=True) as progress:
            bar = progress.add_task(t("Classifying"), total=len(readers))
            files = (read() for read in readers)
            for row in many.classify_many(engine, files, [card], question):
                picture = (
                    explanations and row.answers and explanations.save(row.path, row.answers[0])
                )
                if output.as_json:
                    typer.echo(json.dumps(_line(row, card, picture or None), ensure_ascii=False))
                progress.advance(bar)
                yield _without_pictures(row)


def _without_pictures(row: Row) -> Row:
    """Let go of the explanations: those of a thousand pictures would fill the memory."""
    return replace(row, answers=tuple(replace(one, explanation=None) for one in row.answers))


def _line(row: Row, card: Card, picture: str | None) -> dict[str, Any]:
    if row.unusable:
        told = row.unusable
        error = LightboxError(told.template, code=told.code, **told.values)
        return {"image": row.path, "error": error.to_json()}
    truths = {item.task.name: item.truths([row])[0] for item in respondents([card])}
    true = {task: label for task, label in truths.items() if label}
    return {"image": row.path, **row.answers[0].to_json(), "explanation": picture, "true": true}


def _text(cell: Cell) -> str:
    return f"{cell:.1%}" if isinstance(cell, float) else cell or ""


def _summarize(rows: Sequence[Row], card: Card, seconds: float) -> None:
    unusable = sum(row.unusable is not None for row in rows)
    OUT.print(
        t(
            "{n} pictures in {seconds:.1f} s, {unusable} of them unusable.",
            n=len(rows),
            seconds=seconds,
            unusable=unusable,
        ),
        markup=False,
    )
    for respondent in respondents([card]):
        if found := score(respondent, rows):
            accuracy = found.accuracy
            OUT.print(
                t(
                    "{name}: {value:.1%} of {n} pictures answered as their folders say "
                    "(95 %: {low:.1%}–{high:.1%}).",
                    name=respondent.name,
                    value=accuracy.value,
                    n=accuracy.n,
                    low=accuracy.low,
                    high=accuracy.high,
                ),
                markup=False,
            )
