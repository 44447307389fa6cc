"""Prediction sets: the classes among which the true one is, at a rate that can be promised.

Split conformal prediction (Vovk et al. 2005) with the score `1 − p(true class)`, which gives the
smallest sets on average (Sadinle et al. 2019, arXiv 1609.00451); see Angelopoulos & Bates 2021,
arXiv 2107.07511, §1. The promise holds for pictures drawn like those it was set on, on average over
them, whatever the network: `P(true class in set) ≥ 1 − error`.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.core.evaluate.metrics import share_with_interval
from dashboard.core.models.card import Coverage, Metric
from dashboard.core.models.probabilities import prediction_sets

ERRORS = (0.01, 0.02, 0.05, 0.1, 0.2)
"""The error rates to choose from."""


def threshold(found: np.ndarray, targets: np.ndarray, error: float) -> float | None:
    """Return the largest `1 − p` that a class in the set may have.

    The `⌈(n + 1)(1 − error)⌉`-th smallest score; None where n is too small for such a promise.

    Args:
        found: Probabilities of images that nothing was fitted to, `(n, classes)`.
        targets: Their classes, `(n,)`.
        error: Share of images whose set may lack the true class, in (0, 1).
    """
    n = len(found)
    rank = math.ceil((n + 1) * (1 - error))
    if rank > n:
        return None
    scores = 1 - found[np.arange(n), targets]
    return float(np.partition(scores, rank - 1)[rank - 1])


def coverage(
    found: np.ndarray, targets: np.ndarray, error: float, limit: float, task: str
) -> Coverage:
    """Measure on test images how often the set has the true class, and how large it is.

    The arguments are those of `threshold` and `prediction_sets`; `task` is the name of the task.
    """
    chosen = prediction_sets(found, limit)
    n = len(found)
    hits = int(chosen[np.arange(n), targets].sum())
    sizes = chosen.sum(axis=1)
    reach = 1.96 * sizes.std(ddof=1) / math.sqrt(n) if n > 1 else 0.0
    size = Metric(
        name="set_size",
        split="test",
        value=float(sizes.mean()),
        low=float(sizes.mean() - reach),
        high=float(sizes.mean() + reach),
        n=n,
    )
    covered = share_with_interval("covered", hits, n, "test")
    return Coverage(error=error, limit=limit, covered=covered, size=size, task=task)
