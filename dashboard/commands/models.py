"""The commands about published models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.commands.terminal import (
    OUT,
    Home,
    Json,
    accuracy_text,
    print_rows,
    quiet_libraries,
    t,
)

if TYPE_CHECKING:
    from dashboard.core.models.card import Card, Metric


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
    rows = [{t("metric"): metric.label, **_figure(metric)} for metric in metrics]
    print_rows(as_json, [metric.model_dump() for metric in metrics], f"{model} · {split}", rows)


def calibrate(
    model: Annotated[str, typer.Argument(help="A published model, such as an imported one.")],
    dataset: Annotated[str, typer.Option(help="A data set with the same classes.")],
    progress_lines: Annotated[
        bool, typer.Option("--progress", help="With --json: a line for each stage.")
    ] = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Measure how far to trust a model, and publish that as a new version of it."""
    from dashboard.core.training.calibrate import calibrate as measure
    from dashboard.core.training.calibrating import STAGES

    with quiet_libraries() as terminal:  # TensorFlow tells of itself in between

        def show(stage: str) -> None:
            if progress_lines:
                typer.echo(json.dumps({"stage": stage}))
            elif not as_json:
                terminal.print(t(STAGES[stage]) + " …", markup=False)

        card = measure(model, dataset, show)
    if as_json:
        typer.echo(json.dumps(card.model_dump(mode="json"), ensure_ascii=False))
        return
    title = t("{name}, version {version}", name=card.name, version=card.version)
    rows = [{t("metric"): label, **_figure(metric)} for label, metric in _figures(card)]
    print_rows(False, None, title, rows)
    OUT.print(t("Temperature: {value:.2f}", value=card.temperature), markup=False)


def _figures(card: Card) -> Iterator[tuple[str, Metric]]:
    """Yield what was measured, with what it is called."""
    for metric in card.metrics:
        yield metric.label, metric
    if card.trust is None:
        return
    before, after = card.trust.calibration
    yield t("calibration error, before"), before
    yield t("calibration error, after"), after
    for item in card.trust.coverage:
        promised = t("in the set, {share:.0%} promised", share=1 - item.error)
        yield f"{promised} · {item.task}" if item.task else promised, item.covered
    for metric in card.trust.refused:
        yield t("declined as unknown: {pictures}", pictures=metric.split), metric
    for metric in card.trust.auroc:
        yield t("told apart (AUROC): {pictures}", pictures=metric.split), metric


def _figure(metric: Metric) -> dict[str, str | int]:
    return {
        t("value"): f"{metric.value:.4f}",
        t("95 % interval"): f"{metric.low:.4f}–{metric.high:.4f}",
        "n": metric.n,
    }
