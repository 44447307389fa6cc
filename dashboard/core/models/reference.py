"""The training images a model is published with: what an upload is compared to.

Some of each class with their features and a small picture, as evidence and to notice what is
unlike all of them; and hashes of all, to notice what was trained on. Imports no TensorFlow.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from dashboard.core.atomic import write_bytes

REFERENCE_FILE = "reference.npz"

PER_CLASS, MOST = 50, 2000
"""Images kept of each class, and of all. With 50 to 5,000 of each CIFAR-10 class, foreign pictures
are told from its own equally well (`tests/bench/README.md`)."""

NEIGHBOUR = 5
"""The likeness of a picture is that to its fifth nearest: one training image is soon like it."""

PICTURE_SIDE = 64
"""Longest side of a kept picture, in pixels."""


@dataclass(frozen=True, eq=False)
class Reference:
    """Training images as an upload is compared to them.

    Attributes:
        features: What the last layer sees of each kept image, float16 (n, d), of length 1.
        labels: Index of the class of each, int32 (n,); where they may have several, whether it
            has each class, bool (n, classes).
        pictures: The kept images, small: uint8 (n, h, w, c).
        hashes: Of the pixels of all training images, uint64 (m,): see `data.hashes.short_hash`.
    """

    features: np.ndarray
    labels: np.ndarray
    pictures: np.ndarray
    hashes: np.ndarray

    @cached_property
    def _bank(self) -> np.ndarray:
        return unit(self.features)  # rounded to float16, their length is only about 1

    def likenesses(self, features: np.ndarray) -> np.ndarray:
        """Return the cosine between pictures and each kept image: float32 (b, n), at most 1.

        Args:
            features: (b, d), of any length.
        """
        return unit(features) @ self._bank.T

    def likeness(self, features: np.ndarray) -> np.ndarray:
        """Return how like its fifth nearest each picture is: float32 (b,).

        Sun et al. 2022, "Out-of-Distribution Detection with Deep Nearest Neighbors", arXiv
        2204.06507: the distance to the k-th neighbour among features of length 1.
        """
        k = min(NEIGHBOUR, len(self.features))
        return np.partition(self.likenesses(features), -k, axis=1)[:, -k]

    def saw(self, pixels_hash: int) -> bool:
        """Whether a picture with this hash was trained on."""
        return bool((self.hashes == np.uint64(pixels_hash)).any())


def unit(features: np.ndarray) -> np.ndarray:
    """Return features scaled to length 1, as float32; what is 0 stays 0."""
    features = features.astype(np.float32)
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)


def choose(labels: np.ndarray) -> np.ndarray:
    """Return which images to keep, of all classes alike: int64, ascending; always the same.

    Args:
        labels: Class index of each training image.
    """
    generator = np.random.default_rng(0)
    classes = np.unique(labels)
    each = int(np.clip(MOST // len(classes), 1, PER_CLASS))
    rows = [generator.permutation(np.flatnonzero(labels == one))[:each] for one in classes]
    return np.sort(np.concatenate(rows))


def small_pictures(images: Sequence[np.ndarray]) -> np.ndarray:
    """Scale packed images, (h, w, c) each, so that no side is above 64 pixels."""
    return np.stack([_small(pixels) for pixels in images])


def save_reference(reference: Reference, folder: Path) -> None:
    """Write `reference` into `folder`, whole or not at all; the pictures as one WebP."""
    out = io.BytesIO()
    np.savez(
        out,
        features=reference.features,
        labels=reference.labels,
        pictures=np.frombuffer(_sheet(reference.pictures), np.uint8),
        shape=np.array(reference.pictures.shape),
        hashes=reference.hashes,
    )
    write_bytes(folder / REFERENCE_FILE, out.getvalue())


def load_reference(folder: Path) -> Reference | None:
    """Read what `save_reference` wrote; None where the model has none."""
    path = folder / REFERENCE_FILE
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as kept:
        pictures = _cut(kept["pictures"].tobytes(), tuple(kept["shape"].tolist()))
        return Reference(kept["features"], kept["labels"], pictures, kept["hashes"])


def _small(pixels: np.ndarray) -> np.ndarray:
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    image.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
    return np.asarray(image).reshape(image.height, image.width, -1)


def _sheet(pictures: np.ndarray) -> bytes:
    n, height, width, channels = pictures.shape
    across = _across(n)
    down = -(-n // across)
    grid = np.zeros((down * across, height, width, channels), np.uint8)
    grid[:n] = pictures
    rows = grid.reshape(down, across, height, width, channels).swapaxes(1, 2)
    sheet = rows.reshape(down * height, across * width, channels)
    out = io.BytesIO()
    Image.fromarray(sheet[..., 0] if channels == 1 else sheet).save(out, "WEBP", quality=85)
    return out.getvalue()


def _cut(content: bytes, shape: tuple[int, ...]) -> np.ndarray:
    n, height, width, channels = shape
    across = _across(n)
    with Image.open(io.BytesIO(content), formats=("WEBP",)) as image:
        sheet = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    down = sheet.shape[0] // height
    grid = sheet.reshape(down, height, across, width, channels).swapaxes(1, 2)
    return grid.reshape(-1, height, width, channels)[:n].copy()


def _across(n: int) -> int:
    return int(np.ceil(np.sqrt(n)))
