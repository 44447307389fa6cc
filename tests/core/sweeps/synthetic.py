"""Runs that learn by a formula: what a sweep is told, without the minutes it takes."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable

from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Point, Run
from dashboard.core.sweeps.trials import Trial

BATCHES = 10  # per epoch


def accuracy(rate: float, epoch: int) -> float:
    """Best at a step size of 0.01, and better with every epoch."""
    return round(0.95 - 0.2 * abs(math.log10(rate) + 2) - 0.3 / epoch, 4)


def trial(number: int, values: dict, result: float | None, status: str = "FINISHED") -> Trial:
    run = Run(f"{number:032x}", "run", status, 0.0, 1.0)  # type: ignore[arg-type]
    return Trial(number, run, values, result)


def begin(run: Run) -> None:
    tracking.set_tags(run.id, {"stage": "training", "worker": "1", "steps_per_epoch": str(BATCHES)})
    tracking.set_status(run.id, "RUNNING")


def learn(run_id: str, epoch: int) -> None:
    """Report an epoch as a worker would."""
    values = json.loads(tracking.get_run(run_id).tags["values"])
    shown = accuracy(values["learning_rate"], epoch)
    step, now = epoch * BATCHES, time.time_ns() // 1_000_000
    figures = {"epoch": epoch, "val_accuracy": shown, "val_loss": 1 - shown}
    tracking.log_points(run_id, [Point(key, step, value, now) for key, value in figures.items()])


def end(run_id: str) -> None:
    """End as a worker does that has tested what it has."""
    stopped = tracking.get_run(run_id).tags.get("control") == "stop"
    tracking.set_status(run_id, "KILLED" if stopped else "FINISHED")


def work(run: Run, look: Callable[[], None]) -> None:
    """Do all that a worker does, and look at the sweep after each epoch."""
    begin(run)
    for epoch in range(1, int(run.params["epochs"]) + 1):
        learn(run.id, epoch)
        look()
        if tracking.get_run(run.id).tags.get("control") == "stop":
            break
    end(run.id)
