"""The command that says what is in pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.commands.terminal import OUT, Home, Json, print_rows, quiet_libraries, t
from dashboard.core.errors import InvalidInput

if TYPE_CHECKING:
    from dashboard.core.serving.answers import Answer
    from dashboard.core.serving.engine import Engine
    from dashboard.core.serving.question import Question


def classify(
    images: Annotated[list[Path], typer.Argument(help="Files, folders, zip archives of pictures.")],
    model: Annotated[str | None, typer.Option(help="A published model.")] = None,
    top: Annotated[int, typer.Option(help="How many labels.")] = 5,
    explain: Annotated[str | None, typer.Option(help="Explanation method: grad_cam.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the explanations.")] = None,
    error: Annotated[
        float, typer.Option(help="Share of the sets of labels that may lack the true one.")
    ] = 0.1,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the answers to this file, as a table.")
    ] = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Say what is in one picture or in many; the exit status is 1 if one of them is unusable.

    Of many, --json prints a line for each. Folders named like classes are taken for the truth.
    """
    from dashboard.commands.classify_many import Output, classify_many
    from dashboard.core.data.gathered import is_single
    from dashboard.core.serving.engine import Engine
    from dashboard.core.serving.question import Question

    if bool(explain) != bool(out):
        raise InvalidInput("Give `--explain` and `--out` together.", code="invalid_option")
    engine = Engine()
    question = Question(model=model, top=top, explain=explain, error=error)
    engine.check(question)
    if csv or not is_single(images):
        complete = classify_many(engine, images, question, Output(out, csv, as_json))
        raise typer.Exit(0 if complete else 1)
    _one(engine, images[0], question, out, as_json)


def _one(engine: Engine, path: Path, question: Question, out: Path | None, as_json: bool) -> None:
    from dashboard.commands.explanations import Explanations
    from dashboard.core.data.gathered import shown
    from dashboard.core.images import read_file

    with quiet_libraries():
        answer = engine.classify(read_file(path), question)
    name = shown(Path(path.name))
    result = {"image": name, **answer.to_json()}
    if out:
        result["explanation"] = Explanations(out).save(name, answer)
    if as_json:
        typer.echo(json.dumps([result], ensure_ascii=False, indent=2))
    else:
        _print(name, answer)


def _print(name: str, answer: Answer) -> None:
    from dashboard.core.serving.assurance import promise

    for task, found in answer.by_task.items():
        rows = [
            {t("label"): item.label, t("probability"): f"{item.probability:.1%}"} for item in found
        ]
        print_rows(False, None, f"{name} · {task}" if task else name, rows)
    for note in (*answer.notes, *promise(answer.assurance)):
        OUT.print(t(note.template, **note.values), markup=False)
