"""The commands about published models."""

from __future__ import annotations

from typing import Annotated

import typer

from dashboard.commands.terminal import Home, Json, accuracy_text, print_rows, t


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
