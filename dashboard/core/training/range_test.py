"""What a run whose learning rate grows by the same factor at every batch says of that rate.

Reference: Smith 2015, Cyclical Learning Rates for Training Neural Networks, arXiv 1506.01186.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SCHEDULE = "range_test"

RISEN = 1.5
"""Times the loss of the start: whether it rises beyond that or explodes is the same."""

_WINDOW = 1 / 20  # of all points, over which the loss is averaged: a third of a power of ten
_FEWEST = 10  # points
_FALL = 0.05  # least share by which a loss falls that learns anything

Curve = Sequence[tuple[int, float]]


@dataclass(frozen=True, eq=False)
class RangeTest:
    """The loss against the learning rate.

    Attributes:
        rates: Learning rates, rising, (n,).
        losses: Loss at each of them.
        smoothed: The same, averaged over the rates around each.
        suggested: Where `smoothed` falls fastest over the logarithm of the rate; None where it does
            not fall.
        highest: Where it is lowest: more is too much. None where it is lowest at the end.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    suggested: float | None
    highest: float | None


def range_test(rates: Curve, losses: Curve) -> RangeTest | None:
    """Read a range test; None as long as there is too little of it.

    Args:
        rates: (batch, learning rate).
        losses: (batch, loss) of the same batches; of others they are left out.
    """
    known = dict(rates)
    pairs = np.array([(known[step], loss) for step, loss in losses if known.get(step, 0) > 0])
    if len(pairs):
        pairs = pairs[int(pairs[:, 0].argmin()) :]  # what precedes is warm-up
    half = max(round(len(pairs) * _WINDOW / 2), 1)
    if len(pairs) < _FEWEST:
        return None
    rate, loss = pairs.T
    smooth = _mean_around(np.minimum(loss, RISEN * loss[: 2 * half].mean()), half)
    lowest = int(smooth.argmin())
    if smooth[lowest] > (1 - _FALL) * smooth[: lowest + 1].max():
        return RangeTest(rate, loss, smooth, None, None)
    slopes = np.gradient(smooth, np.log10(rate))
    fastest = int(slopes[: lowest + 1].argmin())
    end = len(rate) - 1 - half
    highest = float(rate[lowest]) if lowest < end else None
    return RangeTest(rate, loss, smooth, float(rate[fastest]), highest)


def _mean_around(values: np.ndarray, half: int) -> np.ndarray:
    """Return the mean of each value and the `half` before and after it; of fewer at the ends."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    low, high = np.maximum(places - half, 0), np.minimum(places + half + 1, len(values))
    found: np.ndarray = (sums[high] - sums[low]) / (high - low)
    return found
