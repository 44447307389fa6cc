"""Pictures whose size or shape is unlike the rest."""

from __future__ import annotations

import numpy as np

from dashboard.core.quality.base import Fault, Finding, Images
from dashboard.core.text import mark

FENCES = 3.0
"""Interquartile ranges beyond the quartiles: "far out" in Tukey 1977, "Exploratory Data
Analysis"."""

MIN_FACTOR = 2.0
"""How many times larger, smaller or longer than the median a picture must be at least."""


def far_out(values: np.ndarray) -> np.ndarray:
    """Return how far each of `values`, positive (n,), lies beyond what is usual, as a log factor.

    Positive for odd ones, 0 or less for the others.
    """
    if not len(values):
        return np.zeros(0)
    logs = np.log(values)
    low, median, high = np.quantile(logs, (0.25, 0.5, 0.75))
    width = FENCES * (high - low)
    least = np.log(MIN_FACTOR)
    result: np.ndarray = np.maximum(
        np.minimum(low - width - logs, median - least - logs),
        np.minimum(logs - high - width, logs - median - least),
    )
    return result


class _Odd(Fault):
    """A property of the index that is far out."""

    action = "review"

    def find(self, images: Images) -> Finding:
        beyond = far_out(self.measure(images))
        rows = np.flatnonzero(beyond > 1e-9)
        return Finding(rows, beyond[rows])

    def measure(self, images: Images) -> np.ndarray:
        """Return a positive number for each picture."""
        raise NotImplementedError


class OddSize(_Odd):
    """Much smaller or larger than the rest."""

    id = "odd_size"
    label = mark("Odd sizes")
    sentence = mark("{n} images are much smaller or larger than the rest.")
    single = mark("It is much smaller or larger than the rest.")

    def measure(self, images: Images) -> np.ndarray:
        index = images.dataset.index
        return np.sqrt(index["width"].to_numpy(np.float64) * index["height"].to_numpy(np.float64))


class OddAspect(_Odd):
    """Much wider or taller than the rest: cropping will cut off a good part."""

    id = "odd_aspect"
    label = mark("Odd shapes")
    sentence = mark("{n} images are much wider or taller than the rest.")
    single = mark("It is much wider or taller than the rest.")

    def measure(self, images: Images) -> np.ndarray:
        index = images.dataset.index
        return index["width"].to_numpy(np.float64) / index["height"].to_numpy(np.float64)
