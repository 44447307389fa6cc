"""Which of two models answers better, judged by their answers to the same images.

Two accuracies that were measured on the same images share the luck of which images those are, so
they are not compared as if they came from two samples: only the images on which one model is right
and the other wrong tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np

ALPHA = 0.05
"""A difference that chance alone makes at least this often is called noise."""

RESAMPLES = 10_000
FEWEST = 6
"""Of fewer images on which only one was right, not even all for the same one reach `ALPHA`."""

_ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class Agreement:
    """How often two models were right on the same images: the four cells of a 2 × 2 table."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def n(self) -> int:
        """Images there are."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def differing(self) -> int:
        """Images on which one was right and the other wrong."""
        return self.only_first + self.only_second

    @property
    def difference(self) -> float:
        """Accuracy of the first less that of the second."""
        return (self.only_first - self.only_second) / self.n

    @staticmethod
    def of(first: np.ndarray, second: np.ndarray) -> Agreement:
        """Count it from which images each had right: bool (n,), in the same order."""
        cells = np.bincount(2 * first.astype(np.int64) + second, minlength=4)
        neither, only_second, only_first, both = cells.tolist()
        return Agreement(both, only_first, only_second, neither)


def mcnemar(found: Agreement) -> float:
    """Return how probable so uneven a count is if neither model is better: exact and two-sided.

    Each of the `m = b + c` images on which only one is right then falls to either with probability
    ½, so `p = min(1, 2 · Σ_{i ≤ min(b, c)} C(m, i) / 2^m)`; 1 where there is no such image.

    McNemar 1947, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12.
    """
    m = found.differing
    fewer = min(found.only_first, found.only_second)
    tail = sum(
        exp(lgamma(m + 1) - lgamma(i + 1) - lgamma(m - i + 1) - m * log(2))
        for i in range(fewer + 1)
    )
    return min(1.0, 2 * tail)


def holm(probabilities: Sequence[float]) -> list[float]:
    """Return the p-values of several tests, raised for their number.

    The k-th smallest of m counts (m − k + 1)-fold, and at least as much as those before it. Then
    any false finding at all is made at most as often as a single test makes one.

    Holm 1979, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6.
    """
    raised, least = [0.0] * len(probabilities), 0.0
    for rank, place in enumerate(np.argsort(probabilities, kind="stable").tolist()):
        least = max(least, min(1.0, (len(probabilities) - rank) * probabilities[place]))
        raised[place] = least
    return raised


def difference_interval(found: Agreement, resamples: int = RESAMPLES) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the difference of the accuracies.

    Whole images are drawn, each with both answers to it. All that counts of them is in which of the
    four cells they fall, so a resample is one draw from a multinomial distribution, whatever the
    number of images.

    Efron 1979, "Bootstrap methods: another look at the jackknife", Ann. Statist. 7.
    """
    more, fewer = sorted((found.only_first, found.only_second), reverse=True)
    shares = np.array([more, fewer, found.both + found.neither]) / found.n
    drawn = np.random.default_rng(0).multinomial(found.n, shares, resamples)
    differences = (drawn[:, 0] - drawn[:, 1]) / found.n
    # Whichever comes first, the draws are the same, and so the interval is its mirror image.
    if more == fewer:
        end = float(np.quantile(abs(differences), _ENDS[1] - _ENDS[0]))
        return -end, end
    low, high = np.quantile(differences, _ENDS).tolist()
    return (low, high) if more == found.only_first else (-high, -low)


def share_interval(hits: int, n: int, resamples: int = RESAMPLES) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the share of `hits` among `n` images.

    Where all or none are hits every resample is the same, and tells nothing: then the share that
    would still give this with probability 2.5 % is the far end (Clopper & Pearson 1934).
    """
    if hits in (0, n):
        far = 1 - _ENDS[0] ** (1 / n)
        return (1 - far, 1.0) if hits else (0.0, far)
    drawn = np.random.default_rng(0).binomial(n, hits / n, resamples) / n
    low, high = np.quantile(drawn, _ENDS).tolist()
    return low, high
