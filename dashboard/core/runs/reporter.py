"""Carries a run's news to the store without ever holding up the training."""

from __future__ import annotations

import json
import logging
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Literal

from dashboard.core.errors import LightboxError
from dashboard.core.images import Note
from dashboard.core.runs import tracking
from dashboard.core.runs.outbox import News, Outbox
from dashboard.core.runs.tracking import Point, Status

_INTERVAL_S = 0.25
_LAST_TRY_S = 5.0
_MAX_WAITING = 200_000
_RESERVE_BYTES = 2**20
_LOG = logging.getLogger(__name__)


class Reporter:
    """An observer that writes to the store from a thread of its own.

    News are gathered in memory and written every 0.25 s; a page that looks twice a second is then
    less than a second behind. While the store is locked or unreachable they wait in the run's
    outbox, and where even that is full in memory, up to 200,000 values: tracking never ends a
    training. What still waits at the end is delivered by the supervisor.

    Args:
        run_id: Run to report on; its lock must be held.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._news = News()
        self._notes: list[Note] = []
        self._outbox = Outbox(run_id)
        # Given up at the end: the last words need room on a full disk too.
        self._reserve = tracking.folder(run_id) / "reserve"
        self._lock = threading.Lock()
        self._request: Literal["", "stop", "pause"] = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work, name="reporter", daemon=True)

    def __enter__(self) -> Reporter:
        with suppress(OSError), self._reserve.open("wb") as file:
            file.write(bytes(_RESERVE_BYTES))
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
        self._reserve.unlink(missing_ok=True)
        give_up = time.monotonic() + _LAST_TRY_S
        while not self._flush() and time.monotonic() < give_up:
            time.sleep(_INTERVAL_S)

    def status(self, status: Status, error: LightboxError | None = None) -> None:
        """Note what the run has become, with the reason if it failed."""
        with self._lock:
            self._news.status = status
            self._news.error = error.to_json() if error else None

    def tag(self, key: str, value: str) -> None:
        """Note one of Lightbox's own tags."""
        with self._lock:
            self._news.tags[key] = value

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        """Note what the run does now."""
        self.tag("stage", name)
        self.tag("stage_count", f"{done}/{total}" if total else "")

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        """Note how long the training will be."""
        self.tag("epochs", str(epochs))
        self.tag("steps_per_epoch", str(steps_per_epoch))

    def note(self, note: Note) -> None:
        """Note something worth telling."""
        self._notes.append(note)
        self.tag("notes", json.dumps([item.to_json() for item in self._notes]))

    def metrics(self, step: int, values: dict[str, float]) -> None:
        """Note metric values."""
        now = tracking.now_ms()
        with self._lock:
            if len(self._news.points) < _MAX_WAITING:
                self._news.points += [Point(key, step, value, now) for key, value in values.items()]

    def request(self) -> Literal["", "stop", "pause"]:
        """Return what somebody asked of the run, as of the last look."""
        return self._request

    def _work(self) -> None:
        while True:
            self._flush()
            try:
                asked = tracking.get_run(self._run_id).tags.get("control")
                if asked == "stop":
                    self._request = "stop"
                elif asked == "pause":
                    self._request = "pause"
            except Exception as error:
                _LOG.warning("cannot read the control tag; trying again: %s", error)
            if self._done.wait(_INTERVAL_S):
                return

    def _flush(self) -> bool:
        """Return whether the store has heard everything."""
        with self._lock:
            news, self._news = self._news, News()
        try:
            self._outbox.deliver()
            if news:
                news.send(self._run_id)
            return True
        except Exception as error:
            _LOG.warning("the store does not listen; %d values wait: %s", len(news.points), error)
        try:
            if news:
                self._outbox.put(news)
        except Exception as error:
            _LOG.warning("nor can they be written down: %s", error)
            self._take_back(news)
        return False

    def _take_back(self, news: News) -> None:
        with self._lock:
            self._news.points = news.points + self._news.points
            self._news.tags = news.tags | self._news.tags
            if not self._news.status:
                self._news.status, self._news.error = news.status, news.error
