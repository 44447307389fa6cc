"""Figures of one picture, taken while it is decoded anyway: light, sharpness, a perceptual hash.

Everything is computed on luminance (ITU-R 601) at no more than `MEASURED_SIDE` pixels a side, so
that a photo costs hardly more than a thumbnail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from dashboard.core.images import LUMINANCE

MEASURED_SIDE = 256
"""Longest side at which pictures are measured, in pixels."""

_HASH_SIDE, _HASH_BITS = 32, 8
_DCT = np.cos(
    np.pi * np.outer(np.arange(_HASH_BITS), 2 * np.arange(_HASH_SIDE) + 1) / (2 * _HASH_SIDE)
).astype(np.float32)
_NOISE = 0.5
"""Rounding in a sum of 1,024 bytes stays far below this; real detail is far above it."""


class Measures(NamedTuple):
    """What can be said of a picture without knowing what it shows.

    Attributes:
        brightness: Mean luminance, 0–255.
        contrast: Standard deviation of luminance, 0–127.5.
        sharpness: Variance of the Laplacian of luminance. Ref. Pech-Pacheco et al., Diatom
            autofocusing in brightfield microscopy, ICPR 2000.
        phash: Perceptual hash, 64 bits; see `perceptual_hashes`.
    """

    brightness: float
    contrast: float
    sharpness: float
    phash: int


def shrink(pixels: np.ndarray) -> np.ndarray:
    """Return `pixels`, uint8 (h, w, 3), at the size at which they are measured."""
    factor = -(-max(pixels.shape) // MEASURED_SIDE)
    return np.asarray(Image.fromarray(pixels).reduce(factor)) if factor > 1 else pixels


def measure(pictures: Sequence[np.ndarray]) -> list[Measures]:
    """Return the figures of each picture, uint8 (h, w, 3), as `shrink` returns it.

    Pictures of one size are measured together, which takes a fraction of the time.
    """
    shapes = defaultdict(list)
    for place, pixels in enumerate(pictures):
        shapes[pixels.shape].append(place)
    found: dict[int, Measures] = {}
    for places in shapes.values():
        alike = np.stack([pictures[place] for place in places])
        found.update(zip(places, _measure(alike), strict=True))
    return [found[place] for place in range(len(pictures))]


def _measure(pixels: np.ndarray) -> list[Measures]:
    """Return the figures of each of `pixels`, uint8 (n, h, w, 3)."""
    grey = pixels @ LUMINANCE
    mean, variance = _moments(grey)
    _, sharpness = _moments(_laplacian(grey))
    columns = (mean, np.sqrt(variance), sharpness, perceptual_hashes(grey))
    return [Measures(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def perceptual_hashes(grey: np.ndarray) -> np.ndarray:
    """Return 64 bits each that hardly change when a picture is scaled, compressed or lit otherwise.

    One bit for each of the 8 × 8 lowest frequencies of the 32 × 32 picture's cosine transform:
    is it above their median? The constant one takes no part in the median. Ref. Zauner,
    Implementation and Benchmarking of Perceptual Image Hash Functions (2010).

    Args:
        grey: float32 (n, h, w), luminance in 0–255.

    Returns:
        uint64 (n,).
    """
    if grey.shape[1:] != (_HASH_SIDE, _HASH_SIDE):
        grey = np.stack([_resized(picture) for picture in grey])
    waves = (_DCT @ grey @ _DCT.T).reshape(len(grey), -1)
    median = np.sort(waves[:, 1:], axis=1)[:, 31]
    bits = np.packbits(waves > median[:, None] + _NOISE, axis=1)
    return bits.view(">u8")[:, 0].astype(np.uint64)


def _resized(grey: np.ndarray) -> np.ndarray:
    side = (_HASH_SIDE, _HASH_SIDE)
    return np.asarray(Image.fromarray(grey).resize(side, Image.Resampling.BOX))


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of each of `values`, float32 (n, h, w); 0 where it is empty."""
    flat = values.reshape(len(values), -1)
    if not flat.size:  # no inner pixel: a strip of 16384 × 8
        return np.zeros(len(values)), np.zeros(len(values))
    mean = flat.mean(axis=1, dtype=np.float64)
    flat = flat - mean[:, None].astype(np.float32)
    return mean, np.einsum("ij,ij->i", flat, flat) / flat.shape[1]


def _laplacian(values: np.ndarray) -> np.ndarray:
    """Return each inner pixel's four neighbours minus four times itself."""
    inner = values[:, 1:-1, 1:-1]
    across = values[:, 1:-1, :-2] + values[:, 1:-1, 2:]
    return values[:, :-2, 1:-1] + values[:, 2:, 1:-1] + across - 4 * inner
