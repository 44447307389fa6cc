"""Pictures unlike all others: far from their neighbours in feature space."""

from __future__ import annotations

import numpy as np

from dashboard.core.quality.base import BATCH, Fault, Finding, Images
from dashboard.core.quality.features import image_features
from dashboard.core.quality.sizes import FENCES
from dashboard.core.text import mark

N_NEIGHBOURS = 10
"""Neighbours whose distances are averaged."""

_N_REFERENCE = 10_000  # pictures neighbours are looked for in: 55,000 would take five times as long


def neighbour_distances(images: Images) -> np.ndarray:
    """Return the mean distance of each picture to its nearest ones: float64 (n,).

    Ramaswamy et al. 2000, "Efficient algorithms for mining outliers from large data sets".
    """
    from sklearn.neighbors import NearestNeighbors

    found, n = image_features(images), len(images)
    chosen = np.sort(np.random.default_rng(0).permutation(n)[:_N_REFERENCE])
    k = min(N_NEIGHBOURS + 1, len(chosen))
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(found[chosen])
    itself = np.isin(np.arange(n), chosen)
    result = np.empty(n)
    for start in range(0, n, 4 * BATCH):
        images.say(start, n, "searching outliers")
        part = slice(start, start + 4 * BATCH)
        distances, _ = search.kneighbors(found[part])
        inner = np.where(
            itself[part, None], distances[:, -(k - 1) :], distances[:, : max(k - 1, 1)]
        )
        result[part] = inner.mean(1)
    return result


class Outlier(Fault):
    """A picture that may not belong here at all."""

    id = "outlier"
    label = mark("Outliers")
    sentence = mark("{n} images are unlike all others; they may not belong here.")
    single = mark("It is unlike all others; it may not belong here.")
    action = "review"

    def find(self, images: Images) -> Finding:
        distances = images.once(neighbour_distances)
        low, high = np.quantile(distances, (0.25, 0.75))
        limit = high + FENCES * (high - low) / 2  # half of "far out": pictures have short tails
        rows = np.flatnonzero((distances > limit) & (distances > 0))
        columns = {"uniqueness": distances.astype(np.float32)}
        return Finding(rows, distances[rows], columns=columns)
