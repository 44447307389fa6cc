"""CutMix. Imports TensorFlow."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from dashboard.core.data.augmentation.layers.patches import inside


class CutMix(keras.layers.Layer):
    """Replaces a rectangle of each image by that of another image of the batch.

    Yun et al. 2019, arXiv 1905.04899; `share = 1` is the paper's α = 1. The label is weighed by
    the pixels there are: Keras' own layer weighs by the rectangle before it is rounded, and draws
    α anew, once for all images.

    Args:
        share: Largest part of the area that is replaced, 0–1; each part up to it is as probable.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share
        self._random = keras.random.SeedGenerator()

    def call(self, data: dict[str, Any]) -> dict[str, Any]:
        """Mix `images`, float (n, h, w, c), and `labels`, float (n, classes)."""
        images, labels = data["images"], data["labels"]
        n, h, w = tf.shape(images)[0], images.shape[1], images.shape[2]
        size = tf.constant([h, w], tf.float32)
        area = keras.random.uniform((n, 1), 0, self._share, seed=self._random)
        sides = tf.round(tf.sqrt(area) * size)
        corners = tf.floor(keras.random.uniform((n, 2), seed=self._random) * (size - sides + 1))
        tops, lefts = tf.unstack(tf.cast(corners, tf.int32), axis=1)
        heights, widths = tf.unstack(tf.cast(sides, tf.int32), axis=1)
        other = keras.random.shuffle(tf.range(n), seed=self._random)
        replaced = inside(tops, lefts, heights, widths, h, w)
        weight = tf.reduce_prod(sides / size, axis=1, keepdims=True)
        return {
            "images": tf.where(replaced, tf.gather(images, other), images),
            "labels": (1 - weight) * labels + weight * tf.gather(labels, other),
        }
