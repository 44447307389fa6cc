"""What those who watch a run ask for several times a second: little, and read once for all."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dashboard.core.runs import tracking
from dashboard.core.runs.history import VALIDATION, Curve, history_of, smoothed
from dashboard.core.runs.progress import Progress, progress
from dashboard.core.runs.tracking import Run

_FRESH_S = 0.2  # what was read so short a time ago is read by nobody again
_SLOW_S = 1.0  # the same of what a page that is drawn anew after an epoch reads itself
_FIRST_LOOK = 64
"""Batches after which a run is looked at anew; then whenever their number has doubled."""


@dataclass(frozen=True)
class News:
    """What is new of a run.

    Attributes:
        revision: Another text as soon as there is more to tell than curves and progress; see
            `revision`.
        run: As it stands now.
        progress: How far it is.
        stretch: Batches that a point of a curve by batch stands for.
        curves: Metric → name → points: `batches`, `smoothed` and, where there is one, the
            validation of the `epochs`.
    """

    revision: str
    run: Run
    progress: Progress
    stretch: int
    curves: dict[str, dict[str, Curve]]


class _Watched:
    """One run, read once for everybody who watches it."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._run: Run | None = None
        self._read_at = 0.0
        self._lock = threading.Lock()

    def run(self, max_age_s: float) -> Run:
        with self._lock:
            if not self._run or time.monotonic() - self._read_at >= max_age_s:
                self._run, self._read_at = tracking.get_run(self._run_id), time.monotonic()
            return self._run


_watched = lru_cache(maxsize=32)(_Watched)


def run_now(run_id: str) -> Run:
    """Return a run as it is now; those who watch it see nothing older from then on."""
    return _watched(run_id).run(0.0)


def news(run_id: str, keys: Sequence[str], since_step: int = 0, stretch: int = 0) -> News:
    """Return what is new of a run, up to 0.2 s old.

    Args:
        run_id: Which run; `NotFound` if there is none.
        keys: Whose curves.
        since_step: Only points by batch after this one; all where `stretch` is no longer the run's.
        stretch: Of the points that the caller has.
    """
    run, history = _watched(run_id).run(_FRESH_S), history_of(run_id)
    keys = [key for key in keys if key in run.metrics]
    slow = {"images_per_second", *(f"{VALIDATION}{key}" for key in keys)}
    found = history.curves({"loss", *keys}, _FRESH_S) | history.curves(slow, _SLOW_S)
    since = since_step if stretch == history.stretch else 0
    return News(
        revision(run, found["loss"]),
        run,
        progress(run, found["loss"], found["images_per_second"]),
        history.stretch,
        {
            key: {
                "batches": _after(found[key], since),
                "smoothed": _after(smoothed(found[key]), since),
                "epochs": _after(found[f"{VALIDATION}{key}"], 0),
            }
            for key in keys
        },
    )


def _after(curve: Curve, step: int) -> Curve:
    return [(at, float(f"{value:.5g}")) for at, value in curve if at > step]


def revision(run: Run, loss: Curve) -> str:
    """Return what changes with the status, stage, notes or requests of a run and its epochs.

    It also changes when the number of its batches has doubled: a bad start is told before the
    first epoch ends, and a long run is not drawn anew more often than a short one.

    Args:
        run: As it is now.
        loss: Its curve by batch.
    """
    tags = {tag: value for tag, value in run.tags.items() if tag != "stage_count"}
    doublings = (loss[-1][0] // _FIRST_LOOK if loss else 0).bit_length()
    told = (run.status, sorted(tags.items()), run.metrics.get("epoch"), doublings)
    return f"{zlib.crc32(repr(told).encode()):08x}"
