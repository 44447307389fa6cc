"""The commands about published models."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.commands.terminal import (
    OUT,
    Home,
    Json,
    accuracy_text,
    print_error,
    print_rows,
    quiet_libraries,
    t,
)
from dashboard.core.errors import InvalidInput, LightboxError


def models(as_json: Json = False, home: Home = None) -> None:
    """List the published models."""
    from dashboard.core.models.store import list_models

    cards = list_models()
    rows = [
        {
            t("name"): card.name,
            t("version"): card.version,
            t("network"): card.network,
            t("classes"): len(card.classes),
            t("test accuracy"): accuracy_text(card),
        }
        for card in cards
    ]
    print_rows(as_json, [card.model_dump(mode="json") for card in cards], t("Models"), rows)


def evaluate(
    model: Annotated[str, typer.Argument(help="A published model.")],
    dataset: Annotated[
        str | None, typer.Option(help="Data set; the model's own if absent.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Measure a published model on a split of a data set."""
    from dashboard.core.serving.evaluation import evaluate_model

    metrics = evaluate_model(model, dataset, split)
    rows = [
        {
            t("metric"): metric.label,
            t("value"): f"{metric.value:.4f}",
            t("95 % interval"): f"{metric.low:.4f}–{metric.high:.4f}",
            "n": metric.n,
        }
        for metric in metrics
    ]
    print_rows(as_json, [metric.model_dump() for metric in metrics], f"{model} · {split}", rows)


def classify(
    images: Annotated[list[Path], typer.Argument(help="Image files.")],
    model: Annotated[str | None, typer.Option(help="A published model.")] = None,
    top: Annotated[int, typer.Option(help="How many labels.")] = 5,
    explain: Annotated[str | None, typer.Option(help="Explanation method: grad_cam.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the explanations.")] = None,
    error: Annotated[
        float, typer.Option(help="Share of the sets of labels that may lack the true one.")
    ] = 0.1,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Say what is in each image; those that cannot be used are named, and the exit status is 1."""
    from dashboard.core.explain.overlay import overlay
    from dashboard.core.images import read_file
    from dashboard.core.serving.assurance import promise
    from dashboard.core.serving.engine import Engine
    from dashboard.core.serving.question import Question

    if bool(explain) != bool(out):
        raise InvalidInput("Give `--explain` and `--out` together.", code="invalid_option")
    engine = Engine()
    question = Question(model=model, top=top, explain=explain, error=error)
    engine.check(question)
    results: list[dict[str, Any]] = []
    for path in images:
        name = os.fsencode(path.name).decode(errors="replace")  # need not be text
        try:
            with quiet_libraries():
                answer = engine.classify(read_file(path), question)
        except LightboxError as reason:
            if len(images) == 1:
                raise
            results.append({"image": name, "error": reason.to_json()})
            if not as_json:
                print_error(reason, name)
            continue
        result = {"image": name, **answer.to_json()}
        if out and answer.explanation:
            out.mkdir(parents=True, exist_ok=True)
            picture = out / f"{path.stem}.{explain}.png"
            picture.write_bytes(
                overlay(answer.explanation.image_png, answer.explanation.heatmap_png, 0.5)
            )
            result["explanation"] = str(picture)
        results.append(result)
        if not as_json:
            for task, found in answer.by_task.items():
                rows = [
                    {t("label"): item.label, t("probability"): f"{item.probability:.1%}"}
                    for item in found
                ]
                print_rows(False, None, f"{name} · {task}" if task else name, rows)
            for note in (*answer.notes, *promise(answer.assurance)):
                OUT.print(t(note.template, **note.values), markup=False)
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=2))
    if any("error" in result for result in results):
        raise typer.Exit(1)
