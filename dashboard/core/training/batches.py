"""Packed images → batches to learn from. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np
import tensorflow as tf

from dashboard.core.data.augmentation.augmenter import Augmenter
from dashboard.core.training.balance import balanced_shares, repeat_shares

_REPEATS = 1  # keeps these random numbers apart from those of the order


def training_batches(
    images: np.ndarray,
    targets: np.ndarray,
    rows: np.ndarray,
    batch_size: int,
    epochs: int,
    seed: int,
    augmentation: dict[str, float],
    one_hot: int = 0,
    start: int = 0,
    sampling: str = "none",
) -> tuple[tf.data.Dataset, int]:
    """Return the batches of a run from `start` on, in order, and how many make an epoch.

    Batch `s`, augmented, depends on `seed` and `s` alone, so a run can begin at any batch.

    Args:
        images: uint8 `(n, h, w, c)`, may be memory-mapped.
        targets: Class index of every image, int64 `(n,)`, or uint8 `(n, classes)`, 1 where a label
            applies.
        rows: Which images to train on.
        batch_size: Images per batch; the last of an epoch may be smaller.
        epochs: Passes over `rows`, each in an order of its own.
        seed: Decides the orders and the augmentation.
        augmentation: Id → strength.
        one_hot: Number of classes, for one-hot labels, which mixing augmentations need.
        start: Number of the first batch.
        sampling: `"none"`: each image once an epoch. `"balanced"`: images are drawn so that every
            class comes equally often. `"augmented"`: likewise, and only as many draws are augmented
            as repeat an image; see `balance.repeat_shares`.

    Returns:
        Batches of float32 `(b, h, w, c)` in 0–255 and int64 `(b,)`, or float32 `(b, classes)` if
        one-hot, and the steps per epoch.
    """
    steps = -(-len(rows) // batch_size)

    @lru_cache(maxsize=2)
    def order(epoch: int) -> np.ndarray:
        generator = np.random.default_rng([seed, epoch])
        if sampling != "none":
            return generator.choice(rows, len(rows), p=balanced_shares(targets[rows]))
        return generator.permutation(rows)

    def rows_of(step: np.ndarray) -> np.ndarray:
        epoch, index = divmod(int(step), steps)
        return order(epoch)[index * batch_size : (index + 1) * batch_size]

    def read(step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        chosen = rows_of(step)
        return images[chosen], targets[chosen]

    @cache
    def shares() -> np.ndarray:
        return repeat_shares(np.bincount(targets[rows]))

    def repeated(step: np.ndarray) -> np.ndarray:
        classes = targets[rows_of(step)]
        drawn = np.random.default_rng([seed, int(step), _REPEATS]).random(len(classes))
        return drawn < shares()[classes]

    numbers = tf.data.Dataset.range(start, steps * epochs)
    batches = _loaded(numbers, read, images.shape[1:], targets, one_hot)
    if any(augmentation.values()):
        augment = Augmenter(augmentation, seed)

        def change(batch: tuple[tf.Tensor, tf.Tensor], step: tf.Tensor) -> tuple[Any, Any]:
            pixels, labels = augment(*batch, step)
            if sampling == "augmented":  # nothing mixes then, so the labels are as they were
                (some,) = tf.numpy_function(repeated, [step], [tf.bool], stateful=False)
                pixels = tf.where(tf.reshape(some, (-1, 1, 1, 1)), pixels, batch[0])
            return pixels, labels

        batches = tf.data.Dataset.zip(batches, numbers).map(change)
    return batches.prefetch(4), steps


def evaluation_batches(
    images: np.ndarray,
    targets: np.ndarray,
    rows: np.ndarray,
    batch_size: int = 256,
    one_hot: int = 0,
) -> tf.data.Dataset:
    """Return `rows` in order, in the form of `training_batches`."""
    starts = tf.data.Dataset.range(0, len(rows), batch_size)

    def read(start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        chosen = rows[int(start) : int(start) + batch_size]
        return images[chosen], targets[chosen]

    return _loaded(starts, read, images.shape[1:], targets, one_hot).prefetch(2)


def _loaded(
    places: tf.data.Dataset,
    read: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    shape: tuple[int, ...],
    targets: np.ndarray,
    one_hot: int,
) -> tf.data.Dataset:
    """Return what `read` gives for each place, its images as float32 of known shape."""

    def load(place: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        types = (tf.uint8, targets.dtype)
        pixels, labels = tf.numpy_function(read, [place], types, stateful=False)
        pixels.set_shape((None, *shape))
        labels.set_shape((None, *targets.shape[1:]))
        if targets.ndim == 2:
            labels = tf.cast(labels, tf.float32)
        elif one_hot:
            labels = tf.one_hot(labels, one_hot)
        return tf.cast(pixels, tf.float32), labels

    return places.map(load)
