"""Runs that have finished, without the training: their answers are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.core.data.dataset import Dataset
from dashboard.core.evaluate.metrics import metrics_for
from dashboard.core.models.card import Card, DatasetRef, InputSpec, save_card
from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Point
from dashboard.core.tasks import spans
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe


def answers_with(dataset: Dataset, wrong: Sequence[int]) -> np.ndarray:
    """Logits for the test images that are right but for those of these numbers."""
    targets = dataset.targets("test")
    true = targets if targets.ndim > 1 else np.eye(len(dataset.classes))[targets]
    true, rows = true.astype(np.float64), list(wrong)
    if dataset.task == "multi_label":
        true[rows, 0] = 1 - true[rows, 0]
    else:
        last = spans(dataset.tasks)[-1]
        true[rows, last] = np.roll(true[rows, last], 1, axis=1)
    return 8 * true - 4


def finish(run_id: str, dataset: Dataset, wrong: Sequence[int]) -> None:
    """Let a run end with a test, and the files that a training leaves of it."""
    from dashboard.core.training.trainer import _save_predictions  # TensorFlow

    logits, folder = answers_with(dataset, wrong), tracking.artifacts(run_id)
    rows = np.flatnonzero(dataset.index["split"] == "test")
    _save_predictions(folder, dataset, rows, dataset.targets(), logits)
    metrics = metrics_for(dataset.tasks, logits, dataset.targets("test"), "test")
    card = Card(
        name=run_id[:8], version="", task=dataset.task, classes=dataset.classes,
        tasks=dataset.tasks, input=InputSpec(height=8, width=8, channels=1), network="doc-001",
        parameters=1, dataset=DatasetRef(name=dataset.name, version=dataset.version),
        metrics=metrics,
    )  # fmt: skip
    save_card(card, folder)
    tracking.set_tag(run_id, "dataset_version", dataset.version)
    ends = {"": metrics[0].value, "_low": metrics[0].low, "_high": metrics[0].high}
    tracking.log_points(run_id, [Point(f"test_accuracy{end}", 0, v, 0) for end, v in ends.items()])
    tracking.set_status(run_id, "FINISHED")


def finished_run(dataset: Dataset, wrong: Sequence[int] = (), **fields: Any) -> str:
    """A finished run that was wrong on the test images of these numbers."""
    recipe = {"dataset": dataset.name, "network": "residual", **fields}
    run_id = submit(parse_recipe(recipe), status="RUNNING")
    finish(run_id, dataset, wrong)
    return run_id


def trained_curve(run_id: str, losses: Sequence[float], speed: float = 320.0) -> None:
    """Give a run the curve of its batches; each epoch has two."""
    tracking.set_tags(run_id, {"steps_per_epoch": "2", "epochs": str(len(losses) // 2)})
    points = []
    for step, loss in enumerate(losses, 1):
        points += [Point("loss", step, loss, step), Point("images_per_second", step, speed, step)]
        if step % 2 == 0:
            points += [Point("val_loss", step, loss, step), Point("val_accuracy", step, 0.5, step)]
    tracking.log_points(run_id, points)
