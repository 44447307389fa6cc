"""What a run's worker has to say while the store does not listen: one JSON line each, in order."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from dashboard.core.atomic import disk_errors
from dashboard.core.errors import LightboxError
from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Point, Status

_LOG = logging.getLogger(__name__)


@dataclass
class News:
    """What is new of a run.

    Attributes:
        points: Metric values.
        tags: Lightbox's own.
        status: What it has become, or None if that has not changed.
        error: Why it failed, as `LightboxError.to_json` has it.
    """

    points: list[Point] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    status: Status | None = None
    error: dict[str, Any] | None = None

    def __bool__(self) -> bool:
        return bool(self.points or self.tags or self.status)

    def send(self, run_id: str) -> None:
        """Tell the store; telling it twice does no harm.

        Raises:
            LightboxError: As `store.answering`; some of it may have been told.
        """
        if self.tags:
            tracking.set_tags(run_id, self.tags)
        tracking.log_points(run_id, self.points)
        if self.status:
            error = LightboxError.from_json(self.error) if self.error else None
            tracking.set_status(run_id, self.status, error)


class Outbox:
    """The news of one run that wait for the store, on disk: they outlive the worker.

    Used by whoever holds the run's lock.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._path = tracking.folder(run_id) / "outbox.jsonl"

    def put(self, news: News) -> None:
        """Append `news`.

        Raises:
            DiskFull: There is no room for them.
        """
        with disk_errors(), self._path.open("ab") as file:
            file.write(json.dumps(asdict(news)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def deliver(self) -> None:
        """Tell the store all that waits, oldest first, and forget it.

        Raises:
            LightboxError: As `store.answering`; everything waits on.
        """
        if not self._path.exists():
            return
        for news in self._read():
            try:
                news.send(self._run_id)
            except LightboxError:
                raise
            except Exception:  # the store will never take it
                _LOG.exception("cannot be told of run %s", self._run_id)
        self._path.unlink()

    def _read(self) -> Iterator[News]:
        for line in self._path.read_bytes().splitlines():
            try:
                fields = json.loads(line)
            except ValueError:  # the worker died, or the disk was full, in the middle of it
                continue
            yield News(**{**fields, "points": [Point(**point) for point in fields["points"]]})
