"""Ends a run in order when its process is told to end."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any

from dashboard.core.images import Note
from dashboard.core.training.observer import Halted, Request


class Termination:
    """An observer that asks the run to keep its position once SIGTERM has come.

    Between two batches the run does that itself. While there are none, a change of stage or its
    progress is the place to end: what was trained before has been kept.

    A context manager of the main thread: outside the block SIGTERM does what it did before.
    """

    def __init__(self) -> None:
        self._request: Request = ""
        self._before: Any = None

    def __enter__(self) -> Termination:
        self._before = signal.signal(signal.SIGTERM, self._end)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGTERM, self._before)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._request = "interrupt"

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        """End the run here if it is to end."""
        if self._request:
            raise Halted(self._request)

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        """Nothing depends on it."""

    def note(self, note: Note) -> None:
        """Nothing depends on it."""

    def metrics(self, step: int, values: dict[str, float]) -> None:
        """Nothing depends on them."""

    def request(self) -> Request:
        """Return `"interrupt"` once the process is told to end."""
        return self._request
