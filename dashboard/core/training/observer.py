"""What a training run tells the outside, and what it asks."""

from __future__ import annotations

from typing import Protocol

from dashboard.core.text import mark


class Observer(Protocol):
    """Gets a run's news; implemented by the MLflow reporter and by the command line."""

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        """Say what the run does now: one of `STAGES`, with a count where there is one."""

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        """Say how long the training will be, before its first batch."""

    def metrics(self, step: int, values: dict[str, float]) -> None:
        """Take metric values after `step` batches. Called for every batch: must not block."""

    def stop_requested(self) -> bool:
        """Whether somebody asked the run to stop. Called for every batch: must not block."""


STAGES = (
    mark("queued"),
    mark("starting"),
    mark("packing"),
    mark("training"),
    mark("testing"),
    mark("saving"),
    mark("done"),
)
"""In the order in which a run passes through them."""
