"""A run's curves, kept up to date by reading only what is new."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Sequence

from dashboard.core.runs import tracking

Curve = list[tuple[int, float]]
Curves = dict[str, Curve]

_MAX_POINTS = 300  # a chart is about as many pixels wide; more cost the browser its time


class History:
    """The curves of one run, shared by everybody who looks at it.

    Args:
        run_id: Which run.
        keys: Which metrics.
    """

    def __init__(self, run_id: str, keys: tuple[str, ...]) -> None:
        self._run_id = run_id
        self._curves: dict[str, Curve] = {key: [] for key in keys}
        self._lock = threading.Lock()

    def curves(self) -> dict[str, Curve]:
        """Return metric → (step, value), each thinned to at most 300 points."""
        with self._lock:
            for key, curve in self._curves.items():
                since = curve[-1][0] + 1 if curve else 0
                curve += tracking.history(self._run_id, key, since)
            return {key: thinned(curve) for key, curve in self._curves.items()}


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
