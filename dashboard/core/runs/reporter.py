"""Carries a run's news to MLflow without ever holding up the training."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Literal

from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Point

_INTERVAL_S = 0.25
_MAX_WAITING = 200_000
_LOG = logging.getLogger(__name__)


class Reporter:
    """An observer that writes to MLflow from a thread of its own.

    Metric values are gathered in memory and written every 0.25 s; a page that looks twice a second
    is then less than a second behind. While the database is locked or unreachable they wait, up to
    200,000 of them: tracking never ends a training.

    Args:
        run_id: Run to report on.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._points: list[Point] = []
        self._tags: dict[str, str] = {}
        self._lock = threading.Lock()
        self._request: Literal["", "stop", "pause"] = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work, name="reporter", daemon=True)

    def __enter__(self) -> Reporter:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
        self._flush()

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        """Note what the run does now."""
        self._tag("stage", name)
        self._tag("stage_count", f"{done}/{total}" if total else "")

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        """Note how long the training will be."""
        self._tag("epochs", str(epochs))
        self._tag("steps_per_epoch", str(steps_per_epoch))

    def metrics(self, step: int, values: dict[str, float]) -> None:
        """Note metric values."""
        now = tracking.now_ms()
        with self._lock:
            if len(self._points) < _MAX_WAITING:
                self._points += [Point(key, step, value, now) for key, value in values.items()]

    def request(self) -> Literal["", "stop", "pause"]:
        """Return what somebody asked of the run, as of the last look."""
        return self._request

    def _tag(self, key: str, value: str) -> None:
        with self._lock:
            self._tags[key] = value

    def _work(self) -> None:
        while not self._done.wait(_INTERVAL_S):
            self._flush()
            try:
                asked = tracking.get_run(self._run_id).tags.get("control")
                if asked == "stop":
                    self._request = "stop"
                elif asked == "pause":
                    self._request = "pause"
            except Exception:
                _LOG.warning("cannot read the control tag; trying again", exc_info=True)

    def _flush(self) -> None:
        with self._lock:
            points, self._points = self._points, []
            tags, self._tags = self._tags, {}
        try:
            for key, value in tags.items():
                tracking.set_tag(self._run_id, key, value)
            tracking.log_points(self._run_id, points)
        except Exception:
            _LOG.warning("cannot write to MLflow; keeping %d values", len(points), exc_info=True)
            with self._lock:
                self._points = points + self._points
                self._tags = tags | self._tags
