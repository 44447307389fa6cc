"""What a training run tells the outside, and what it asks."""

from __future__ import annotations

from typing import Literal, Protocol

from dashboard.core.images import Note
from dashboard.core.text import mark

Request = Literal["", "stop", "pause", "interrupt"]
"""`"stop"`: test and save what there is. The others: keep the position, to go on some day."""


class Halted(Exception):
    """The run keeps its position and ends for now.

    Args:
        request: `"pause"` or `"interrupt"`.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request


class Observer(Protocol):
    """Gets a run's news; implemented by the MLflow reporter and by the command line."""

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        """Say what the run does now: one of `STAGES`, with a count where there is one."""

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        """Say how long the training will be, before its first batch."""

    def note(self, note: Note) -> None:
        """Take something worth telling of the run."""

    def metrics(self, step: int, values: dict[str, float]) -> None:
        """Take metric values after `step` batches. Called for every batch: must not block."""

    def request(self) -> Request:
        """Return what somebody asked of the run. Called for every batch: must not block."""


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
