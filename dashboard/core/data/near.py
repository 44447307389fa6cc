"""Near-identical pictures: groups whose perceptual hashes differ in few bits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

MAX_BITS = 6
"""Hashes that differ in no more bits count as the same picture.

Measured on 55,000 CIFAR-10 images: of the same picture compressed, scaled or lit otherwise 99.5 to
100 % stay within 6 bits (97.1 % within 4); 676 of 1.5 billion pairs do, which groups 1.9 % of the
images, 24 at most. At 8 bits chains of 63 appear.
"""

MIN_SIDE = 32
"""Below the hash's own size pictures hold hardly more than it, and different handwritten digits
come near each other: there only equal pictures are grouped."""

_LARGEST = 0.1  # of all images: a larger group fits in no split, and is rather a chain of one kind
_AT_LEAST = 32  # images a group may always have
_HASH_BITS = 64
_MAX_STEPS, _MAX_PAIRS = (
    2_000,
    50,
)  # neighbours in a band, and pairs for each hash: see `near_pairs`


def near_groups(
    pixel_hashes: Sequence[str], phashes: Sequence[int], sides: Sequence[int]
) -> np.ndarray:
    """Return a group number for each image; near-identical images share one: int64 (n,).

    A group of more than a tenth of the images is looked at again, more strictly, down to equal
    hashes and then equal pictures.

    Args:
        pixel_hashes: Equal for images that are equal pixel for pixel.
        phashes: Perceptual hash of each image.
        sides: Shorter side of each image, in pixels.
    """
    _, groups = np.unique(np.asarray(pixel_hashes), return_inverse=True)
    hashes = np.asarray(phashes, np.uint64)
    rows = np.flatnonzero(np.asarray(sides) >= MIN_SIDE)
    limit = max(_AT_LEAST, int(_LARGEST * len(groups)))
    for bits in range(MAX_BITS, -1, -2):
        if not len(rows):
            break
        found = _linked(hashes[rows], bits)
        large = np.bincount(found)[found] > limit
        groups = _merged(groups, rows[~large], found[~large])
        rows = rows[large]  # tried again, more strictly
    return groups


def near_pairs(hashes: np.ndarray, max_bits: int) -> np.ndarray:
    """Return every pair of `hashes` that differ in at most `max_bits`: int64 (2, pairs).

    Of `max_bits + 1` bands at least one is equal in such a pair, so only hashes that share a band
    are compared: 0.2 s for 55,000 photos. Where thousands share a band, as the frames of one
    film do, the search stops early; `near_groups` links them all the same, through each other.

    Args:
        hashes: uint64 (n,), all different.
        max_bits: Largest Hamming distance.
    """
    edges = np.linspace(0, _HASH_BITS, max_bits + 2).astype(int)
    found = [_pairs_in_band(hashes, int(low), int(high), max_bits) for low, high in pairwise(edges)]
    return np.unique(np.concatenate(found, axis=1), axis=1)


def _pairs_in_band(hashes: np.ndarray, low: int, high: int, max_bits: int) -> np.ndarray:
    band = hashes >> np.uint64(low) & np.uint64((1 << (high - low)) - 1)
    order = np.argsort(band, kind="stable")
    band, ordered = band[order], hashes[order]
    start, found, n_found = np.arange(len(order)), [np.empty((2, 0), np.int64)], 0
    for step in range(1, min(len(order), _MAX_STEPS)):
        start = start[start < len(order) - step]
        start = start[band[start] == band[start + step]]
        near = start[np.bitwise_count(ordered[start] ^ ordered[start + step]) <= max_bits]
        found.append(np.sort([order[near], order[near + step]], axis=0))
        n_found += len(near)
        if not len(start) or n_found > _MAX_PAIRS * len(order):
            break
    return np.concatenate(found, axis=1)


def _linked(hashes: np.ndarray, max_bits: int) -> np.ndarray:
    """Return a number for each hash, equal for those linked by pairs within `max_bits`."""
    different, place = np.unique(hashes, return_inverse=True)
    return _components(near_pairs(different, max_bits), len(different))[place]


def _merged(groups: np.ndarray, rows: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return `groups` with those united that share a number of `found`, given for `rows`."""
    offset = int(groups.max()) + 1
    pairs = np.stack([groups[rows], found + offset])
    return _components(pairs, offset + int(found.max(initial=0)) + 1)[groups]


def _components(pairs: np.ndarray, n: int) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(pairs.shape[1], np.int32), (pairs[0], pairs[1])), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)
