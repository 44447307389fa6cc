"""A run that nobody trained: its curves and reports are made up, so that each can be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.core.runs import tracking
from dashboard.core.runs.epochs import EpochReport, epochs_folder, save_epoch
from dashboard.core.runs.tracking import Point

EPOCHS, PER_EPOCH = 6, 10
VAL_LOSS = (0.9, 0.5, 0.6, 0.7, 0.8, 0.9)
"""The best is that of epoch 2, so from epoch 5 on the run over-fits."""


def loss(step: int) -> float:
    return 2.0 / step


def probability(epoch: int) -> float:
    """What the network says of the right class of every pinned image."""
    return 0.4 + 0.1 * epoch


def confusion(epoch: int, n_classes: int) -> np.ndarray:
    """`epoch` images of each class are recognised, the others taken for the next class."""
    right = np.eye(n_classes, dtype=np.int64)
    return epoch * right + (EPOCHS - epoch) * np.roll(right, 1, axis=1)


def report(epoch: int, ids: Sequence[str], targets: np.ndarray, n_classes: int) -> EpochReport:
    said = np.full((len(ids), n_classes), 0.0, np.float32)
    if targets.ndim == 1:
        said[np.arange(len(ids)), targets] = probability(epoch)
    else:
        said[targets == 1] = probability(epoch)
    return EpochReport(
        epoch,
        epoch * PER_EPOCH,
        confusion(epoch, n_classes if targets.ndim == 1 else 0),
        tuple(ids),
        targets,
        said,
        np.full((2, len(ids), 4, 4), 40 * epoch, np.uint8),
    )


def points(accuracies: Sequence[str] = ("accuracy",)) -> list[Point]:
    """All curves, two batches a second; learning rate `epoch / 1000`."""
    found = []
    for step in range(1, EPOCHS * PER_EPOCH + 1):
        at = 1_000_000 + 500 * step
        values = {"loss": loss(step), "images_per_second": 100.0 + step, "gradient_norm": 1.0}
        values |= dict.fromkeys(accuracies, step / 100)
        epoch, batch = divmod(step, PER_EPOCH)
        if batch == 0:
            values |= {"val_loss": VAL_LOSS[epoch - 1], "learning_rate": epoch / 1000}
            values |= {f"val_{name}": step / 200 for name in accuracies}
        found += [Point(key, step, value, at) for key, value in values.items()]
    return found


def record(
    run_id: str,
    ids: Sequence[str],
    targets: np.ndarray,
    n_classes: int,
    accuracies: Sequence[str] = ("accuracy",),
    status: tracking.Status = "FINISHED",
) -> None:
    """Give an active run all curves and reports, and let it end."""
    tracking.set_tags(run_id, {"epochs": str(EPOCHS), "steps_per_epoch": str(PER_EPOCH)})
    tracking.log_points(run_id, points(accuracies))
    for epoch in range(1, EPOCHS + 1):
        save_epoch(epochs_folder(run_id), report(epoch, ids, targets, n_classes))
    tracking.set_tag(run_id, "seconds", "60")
    tracking.set_status(run_id, status)


def note_result(run_id: str, tasks: int = 1) -> None:
    """Give a run the figures of a test."""
    numbers = ["", *(f"_{number}" for number in range(1, tasks + 1) if tasks > 1)]
    values = {"": 0.75, "_low": 0.7, "_high": 0.8}
    names = {f"test_accuracy{n}{end}": value for n in numbers for end, value in values.items()}
    tracking.log_points(run_id, [Point(key, 0, value, 2_000_000) for key, value in names.items()])
