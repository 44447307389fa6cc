"""From pairs of equal or similar pictures to the three things that are wrong with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.core.quality.base import Finding, Images


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pictures that look the same, two by two.

    Attributes:
        first: Row of the earlier picture: int64 (m,).
        second: Row of the later picture: int64 (m,).
        scores: Likeness, 1 for equal pictures: float32 (m,).
    """

    first: np.ndarray
    second: np.ndarray
    scores: np.ndarray

    def chosen(self, keep: np.ndarray) -> Pairs:
        """Return the pairs where `keep`, bool (m,), holds."""
        return Pairs(self.first[keep], self.second[keep], self.scores[keep])


def inside(images: Images, pairs: Pairs) -> Finding:
    """Pictures that repeat an earlier one of their labels and split."""
    a, b = pairs.first, pairs.second
    same = (images.splits[a] == images.splits[b]) & (images.label_keys[a] == images.label_keys[b])
    pairs = pairs.chosen(same)
    return _finding(images, pairs.second, pairs.first, pairs.scores)


def across_splits(images: Images, pairs: Pairs) -> Finding:
    """Validation and test pictures that were seen in an earlier split."""
    pairs = pairs.chosen(images.splits[pairs.first] != images.splits[pairs.second])
    swap = images.splits[pairs.first] > images.splits[pairs.second]
    leaked = np.where(swap, pairs.first, pairs.second)
    return _finding(images, leaked, np.where(swap, pairs.second, pairs.first), pairs.scores)


def across_labels(images: Images, pairs: Pairs) -> Finding:
    """Pictures that appear under other labels too: both of each pair."""
    keys = images.label_keys
    pairs = pairs.chosen(keys[pairs.first] != keys[pairs.second])
    rows = np.concatenate([pairs.first, pairs.second])
    others = np.concatenate([pairs.second, pairs.first])
    return _finding(images, rows, others, np.tile(pairs.scores, 2))


def _finding(images: Images, rows: np.ndarray, others: np.ndarray, scores: np.ndarray) -> Finding:
    """Keep the closest partner of each picture; groups are the connected pictures."""
    n = len(images)
    from scipy.sparse import coo_matrix  # pages read the catalogue, and need no SciPy
    from scipy.sparse.csgraph import connected_components

    links = coo_matrix((np.ones(len(rows)), (rows, others)), shape=(n, n))
    groups = connected_components(links, directed=False)[1].astype(np.int64)
    order = np.lexsort((others, -scores, rows))
    rows, others, scores = rows[order], others[order], scores[order]
    first = np.r_[True, rows[1:] != rows[:-1]][: len(rows)]
    rows = rows[first]
    return Finding(rows, scores[first], others[first], groups[rows])
