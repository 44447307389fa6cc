"""Shifts by whole pixels. Imports TensorFlow."""

from __future__ import annotations

import keras
import tensorflow as tf


class Shift(keras.layers.Layer):
    """Moves each image by whole pixels; what comes in is the image's own border, mirrored.

    The padding and random crop of He et al. 2015, arXiv 1512.03385, §4.2, mirrored as in Jordan
    2024, arXiv 2404.00498. Nothing is interpolated, so nothing gets blurred.

    Args:
        strength: Largest shift as a fraction of the shorter side, 0–0.5; at least one pixel.
    """

    def __init__(self, strength: float) -> None:
        super().__init__()
        self._strength = strength
        self._random = keras.random.SeedGenerator()

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Return float (n, h, w, c), moved."""
        n, h, w = tf.shape(images)[0], images.shape[1], images.shape[2]
        most = max(1, round(self._strength * min(h, w)))
        drawn = keras.random.uniform((n, 2), -most, most + 1, seed=self._random)
        moved = tf.cast(tf.floor(drawn), tf.int32)
        rows = _mirrored(tf.range(h) + moved[:, :1], h)
        columns = _mirrored(tf.range(w) + moved[:, 1:], w)
        images = tf.gather(images, rows, axis=1, batch_dims=1)
        columns = tf.repeat(columns[:, tf.newaxis], h, axis=1)
        return tf.gather(images, columns, axis=2, batch_dims=2)


def _mirrored(places: tf.Tensor, length: int) -> tf.Tensor:
    """Reflect places outside 0 … length − 1 at the first and at the last one."""
    return (length - 1) - tf.abs((length - 1) - tf.abs(places))
