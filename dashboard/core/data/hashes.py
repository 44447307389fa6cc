"""By what a picture is known again: its pixels."""

from __future__ import annotations

import hashlib

import numpy as np

from dashboard.core.data.dataset import Dataset

_DIGITS = 16  # hexadecimal: 64 bits


def pixel_hash(pixels: np.ndarray) -> str:
    """Return the SHA-256 of the size and the pixels, uint8 (h, w, 3), as hexadecimal digits."""
    height, width = pixels.shape[:2]
    found = hashlib.sha256(f"{height}x{width}".encode())
    found.update(np.ascontiguousarray(pixels).data)
    return found.hexdigest()


def short_hash(full: str) -> int:
    """Return the first 64 bits of a `pixel_hash`."""
    return int(full[:_DIGITS], 16)


def training_hashes(dataset: Dataset) -> np.ndarray:
    """Return the `short_hash` of every training image, uint64 (n,), from the index alone."""
    return np.array([short_hash(full) for full in dataset.rows("train")["pixel_hash"]], np.uint64)
