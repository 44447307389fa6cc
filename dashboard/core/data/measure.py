"""Figures of one picture, taken while it is decoded anyway: light, sharpness, a perceptual hash.

Everything is computed on luminance (ITU-R 601) at no more than `MEASURED_SIDE` pixels a side, so
that a photo costs hardly more than a thumbnail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

MEASURED_SIDE = 256
"""Longest side at which pictures are measured, in pixels."""

_HASH_SIDE, _HASH_BITS = 32, 8
_DCT = np.cos(
    np.pi * np.outer(np.arange(_HASH_BITS), 2 * np.arange(_HASH_SIDE) + 1) / (2 * _HASH_SIDE)
).astype(np.float32)
_NOISE = 0.5
"""Rounding in a sum of 1,024 bytes stays far below this; real detail is far above it."""


@dataclass(frozen=True)
class Measures:
    """What can be said of a picture without knowing what it shows.

    Attributes:
        brightness: Mean luminance, 0–255.
        contrast: Standard deviation of luminance, 0–127.5.
        sharpness: Variance of the Laplacian of luminance. Ref. Pech-Pacheco et al., Diatom
            autofocusing in brightfield microscopy, ICPR 2000.
        phash: Perceptual hash, 64 bits; see `perceptual_hash`.
    """

    brightness: float
    contrast: float
    sharpness: float
    phash: int


def measure(pixels: np.ndarray) -> Measures:
    """Return the figures of `pixels`, uint8 (h, w, 3)."""
    image = Image.fromarray(pixels)
    factor = -(-max(image.size) // MEASURED_SIDE)
    grey = (image.reduce(factor) if factor > 1 else image).convert("L")
    values = np.asarray(grey, np.float32)
    mean, variance = _moments(values)
    return Measures(mean, variance**0.5, _moments(_laplacian(values))[1], perceptual_hash(grey))


def perceptual_hash(grey: Image.Image) -> int:
    """Return 64 bits that hardly change when a picture is scaled, compressed or lit otherwise.

    One bit for each of the 8 × 8 lowest frequencies of the 32 × 32 picture's cosine transform:
    is it above their median? The constant one takes no part in the median. Ref. Zauner,
    Implementation and Benchmarking of Perceptual Image Hash Functions (2010).
    """
    small = grey.resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.BOX)
    waves = (_DCT @ np.asarray(small, np.float32) @ _DCT.T).ravel()
    median = np.sort(waves[1:])[31]
    return int.from_bytes(np.packbits(waves > median + _NOISE).tobytes(), "big")


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Return mean and variance; two dot products, a tenth of the time of `np.var`."""
    flat = values.ravel()
    if not flat.size:  # no inner pixel: a strip of 16384 × 8
        return 0.0, 0.0
    mean = float(flat.mean(dtype=np.float64))
    flat = flat - np.float32(mean)
    return mean, float(np.dot(flat, flat)) / flat.size


def _laplacian(values: np.ndarray) -> np.ndarray:
    """Return each inner pixel's four neighbours minus four times itself."""
    inner = values[1:-1, 1:-1]
    around = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:]
    return around - 4 * inner
