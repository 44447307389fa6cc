"""A run's curves, kept up to date by reading only what is new."""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from dashboard.core.runs import tracking

Curve = list[tuple[int, float]]
Curves = dict[str, Curve]
_Part = tuple[int, float, int]  # last step, sum and number of the values of a stretch

_MAX_POINTS = 400  # a chart is about as many pixels wide; more cost the browser its time
VALIDATION = "val_"
"""What the names of the curves by epoch begin with."""


class History:
    """The curves of one run, shared by everybody who looks at it.

    A curve by batch is kept as the means of stretches of 2^k batches, the same for all of them,
    counted from the first batch: it never has more than 400 points however long the run is, and a
    point no longer changes once its stretch is full, until two stretches become one. Curves by
    epoch are kept whole.

    Args:
        run_id: Which run.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._parts: dict[str, list[_Part]] = {}
        self._read_at: dict[str, float] = {}
        self._lock = threading.Lock()
        self.stretch = 1

    def curves(self, keys: Collection[str], max_age_s: float = 0.0) -> Curves:
        """Return metric → (last step, mean) of every stretch.

        Args:
            keys: Which metrics.
            max_age_s: What was read so short a time ago is not read again.
        """
        with self._lock:
            for key in keys:
                self._read(key, max_age_s)
            return {key: [(step, total / n) for step, total, n in self._parts[key]] for key in keys}

    def _read(self, key: str, max_age_s: float) -> None:
        now = time.monotonic()
        if now - self._read_at.get(key, -math.inf) < max_age_s:
            return
        parts = self._parts.setdefault(key, [])
        new = tracking.history(self._run_id, key, parts[-1][0] + 1 if parts else 0)
        self._read_at[key] = now
        if new:
            self._widen(new[-1][0])
            stretch = 1 if key.startswith(VALIDATION) else self.stretch
            _add(self._parts[key], ((step, value, 1) for step, value in new), stretch)

    def _widen(self, step: int) -> None:
        if step <= self.stretch * _MAX_POINTS:
            return
        while step > self.stretch * _MAX_POINTS:
            self.stretch *= 2
        for key, parts in self._parts.items():
            if not key.startswith(VALIDATION):
                self._parts[key] = _add([], parts, self.stretch)


def _add(parts: list[_Part], more: Iterable[_Part], stretch: int) -> list[_Part]:
    for step, total, n in more:
        if parts and (parts[-1][0] - 1) // stretch == (step - 1) // stretch:
            _, before, n_before = parts[-1]
            parts[-1] = (step, before + total, n_before + n)
        else:
            parts.append((step, total, n))
    return parts


@lru_cache(maxsize=32)
def history_of(run_id: str) -> History:
    """Return the curves of a run, the same object for everybody who asks."""
    return History(run_id)


def recorded(run_id: str, keys: Sequence[str]) -> Curves:
    """Return metric → (step, value) of a run that is over, at most 2000 of each."""
    return {key: tracking.history(run_id, key) for key in keys}


def cut(curve: Sequence[tuple[int, float]], step: int) -> Curve:
    """Return the points of `curve`, which is in order, up to `step`."""
    return list(curve[: bisect_right(curve, step, key=lambda point: point[0])])


def thinned(curve: Curve, points: int = _MAX_POINTS) -> Curve:
    """Return the means of equally long stretches of `curve`, at most `points` of them."""
    stretch = -(-len(curve) // points) if curve else 1
    if stretch == 1:
        return list(curve)
    return [
        (part[-1][0], sum(value for _, value in part) / len(part))
        for part in (curve[start : start + stretch] for start in range(0, len(curve), stretch))
    ]


def smoothed(curve: Curve, weight: float = 0.9) -> Curve:
    """Return the exponential moving average, corrected for its start.

    `s_k = Σ w^(k−i) x_i / Σ w^(k−i)`: the correction keeps the first values unbiased.
    """
    result, total, norm = [], 0.0, 0.0
    for step, value in curve:
        total = weight * total + (1 - weight) * value
        norm = weight * norm + (1 - weight)
        result.append((step, total / norm))
    return result
