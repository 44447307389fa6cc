"""Search for pictures that are nearly the same: re-encoded, re-scaled, re-toned, slightly moved.

Candidates are nearest neighbours in the coefficients a perceptual hash is cut from (pHash: the
lowest 8×8 of a cosine transform of the 32×32 grey picture), kept as numbers and not as
64 signs, so that an exact nearest-neighbour search serves. Each is then verified on its pixels.

The verification compares detail only: two ships on a horizon share every low frequency. On
CIFAR-10 plain correlation of grey values is 0.96 for many such strangers; without the low
frequencies it falls below 0.85 while true repeats stay above.
"""

from __future__ import annotations

import numpy as np

from dashboard.core.quality.base import BATCH, SIDE, Images
from dashboard.core.quality.pairs import Pairs

N_CANDIDATES = 8
"""Neighbours verified for each picture."""

MIN_COSINE = 0.82
"""Of the low frequencies. Chosen for cost: it leaves 85,000 pairs of CIFAR-10 to verify."""

MAX_DISTANCE = 0.15
"""1 − correlation of detail. CIFAR-10, 16 pairs each by eye: 14 true at 0.15–0.2, 15 at 0.1–0.15,
16 below 0.1."""

MAX_RATIO = 0.2
"""Of the median distance to the nearest other picture: where all pictures are alike, as digits
are, a repeat must be closer than MAX_DISTANCE to stand out."""

SURE_DISTANCE = 0.015
"""Up to here two pictures are one, coded or scaled again (0.003 to 0.012), and not two that are
alike (of 1,797 digits the closest have 0.017). Copies must not tell how alike the others are."""

_SHIFT = 2  # pixels a copy may have moved at 32×32
_FINE = 0.5  # below this correlation at coarse shifts, the fine ones are not tried
_DETAIL = 9  # side of the box whose mean is taken off, in pixels
_NOISE = 4.0  # squared grey values: keeps the rounding noise of an even picture from correlating


def near_pairs(images: Images) -> Pairs:
    """Return pictures that are nearly but not exactly equal."""
    rows = _distinct(images)
    grey = images.grey[rows]
    first, second = _candidates(grey, images)
    scores = detail_correlation(grey, first, second, images)
    nearest = _nearest_other(first, second, scores, len(rows))
    limit = min(MAX_DISTANCE, MAX_RATIO * float(np.median(1 - nearest))) if len(rows) else 0.0
    pairs = Pairs(rows[first], rows[second], scores)
    return pairs.chosen(1 - scores <= limit)


def _nearest_other(first: np.ndarray, second: np.ndarray, scores: np.ndarray, n: int) -> np.ndarray:
    """Return how alike each of `n` pictures is to the one most like it that is no sure copy."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sure = 1 - scores <= SURE_DISTANCE
    links = coo_array((np.ones(sure.sum()), (first[sure], second[sure])), shape=(n, n))
    groups = connected_components(links, directed=False)[1]
    other = groups[first] != groups[second]
    nearest = np.zeros(n, np.float32)
    np.maximum.at(nearest, first[other], scores[other])
    np.maximum.at(nearest, second[other], scores[other])
    return nearest


def _distinct(images: Images) -> np.ndarray:
    """Return the first row of each group of equal pictures, so that copies fill no candidates."""
    hashes = images.dataset.index["pixel_hash"].to_numpy(str)
    return np.sort(np.unique(hashes, return_index=True)[1])


def low_frequencies(grey: np.ndarray) -> np.ndarray:
    """Return the 63 lowest cosine coefficients of each picture at length 1.

    Args:
        grey: uint8 (n, 32, 32).

    Returns:
        float32 (n, 64), the mean brightness set to 0.
    """
    from scipy.fft import dctn  # pages read the catalogue, and need no SciPy

    low = np.empty((len(grey), 64), np.float32)
    for start in range(0, len(grey), BATCH):
        batch = grey[start : start + BATCH].astype(np.float32)
        low[start : start + BATCH] = dctn(batch, axes=(1, 2), norm="ortho")[:, :8, :8].reshape(
            -1, 64
        )
    low[:, 0] = 0
    return low / (np.linalg.norm(low, axis=1, keepdims=True) + SIDE)


def _candidates(grey: np.ndarray, images: Images) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of `grey` that may show the same, each pair once, the smaller row first.

    Exact search: 55,000 pictures cost about 12 processor seconds, with faiss 7 (from 11,000
    queries), so no index library is needed.
    """
    from sklearn.neighbors import NearestNeighbors

    codes, n = low_frequencies(grey), len(grey)
    if n < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    search = NearestNeighbors(n_neighbors=min(N_CANDIDATES + 1, n), algorithm="brute").fit(codes)
    keys = []
    for start in range(0, n, 4 * BATCH):
        images.say(start, n, "comparing")
        query = codes[start : start + 4 * BATCH]
        distances, found = search.kneighbors(query)
        rows = np.repeat(np.arange(start, start + len(query)), found.shape[1])
        cosines = 1 - distances.ravel() ** 2 / 2
        near = (cosines >= MIN_COSINE) & (found.ravel() != rows)
        a, b = rows[near], found.ravel()[near]
        keys.append(np.minimum(a, b) * n + np.maximum(a, b))
    unique = np.unique(np.concatenate(keys))
    return unique // n, unique % n


def detail_correlation(
    grey: np.ndarray, first: np.ndarray, second: np.ndarray, images: Images | None = None
) -> np.ndarray:
    """Return how alike the detail of pairs of pictures is, at the best shift of up to 2 pixels.

    Zero-mean normalised cross-correlation after the mean of a 9×9 box is taken off each pixel.

    Args:
        grey: uint8 (n, 32, 32).
        first: Rows of `grey`, (m,).
        second: Rows of `grey`, (m,).
        images: Told of the progress.

    Returns:
        float32 (m,) in [−1, 1].
    """
    scores = np.zeros(len(first), np.float32)
    reach = range(-_SHIFT, _SHIFT + 1)
    for start in range(0, len(first), BATCH):
        if images:
            images.say(start, len(first), "verifying")
        part = slice(start, start + BATCH)
        a, b = _detail(grey[first[part]]), _detail(grey[second[part]])
        best = np.full(len(a), -1, np.float32)
        _try(a, b, best, [(y, x) for y in reach[::2] for x in reach[::2]])
        good = np.flatnonzero(best >= _FINE)
        finer = best[good]
        _try(a[good], b[good], finer, [(y, x) for y in reach for x in reach if y % 2 or x % 2])
        best[good] = finer
        scores[part] = best
    return scores


def _detail(grey: np.ndarray) -> np.ndarray:
    from scipy.ndimage import uniform_filter

    values = grey.astype(np.float32)
    rest: np.ndarray = values - uniform_filter(values, (0, _DETAIL, _DETAIL), mode="nearest")
    return rest


def _try(a: np.ndarray, b: np.ndarray, best: np.ndarray, shifts: list[tuple[int, int]]) -> None:
    """Raise `best`, in place, to the correlation of `a` with `b` moved by each shift."""
    side = SIDE - 2 * _SHIFT
    centre = _unit(a[:, _SHIFT : _SHIFT + side, _SHIFT : _SHIFT + side])
    for y, x in shifts:
        moved = _unit(b[:, _SHIFT + y : _SHIFT + y + side, _SHIFT + x : _SHIFT + x + side])
        np.maximum(best, np.einsum("ni,ni->n", centre, moved), out=best)


def _unit(window: np.ndarray) -> np.ndarray:
    flat = window.reshape(len(window), window.shape[1] * window.shape[2])
    flat = flat - flat.mean(axis=1, keepdims=True)
    power = np.einsum("ni,ni->n", flat, flat) + _NOISE * flat.shape[1]
    scaled: np.ndarray = flat / np.sqrt(power)[:, None]
    return scaled
