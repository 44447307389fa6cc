"""How properties of images are spread: counts for charts, small whatever the number of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

N_BINS = 40
"""Bars of a histogram."""


def histogram(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Count values in bins of equal width from the least to the greatest.

    Returns:
        The middle of each bin, float64 (b,), and the values in it, int64 (b,); b is `N_BINS`, or
        fewer where that would leave whole numbers less than a bin each.
    """
    span = values.max() - values.min()
    whole = bool((values % 1 == 0).all())
    n_bins = min(N_BINS, int(span) + 1) if whole else N_BINS
    counts, edges = np.histogram(values.to_numpy(np.float64), n_bins)
    return (edges[:-1] + edges[1:]) / 2, counts


def sizes(index: pd.DataFrame) -> pd.DataFrame:
    """Return each size that occurs: columns `width`, `height` (pixels) and `n`, most first."""
    return index.value_counts(["width", "height"]).rename("n").reset_index()
