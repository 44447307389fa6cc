"""Cutout. Imports TensorFlow."""

from __future__ import annotations

import keras
import tensorflow as tf

from dashboard.core.data.augmentation.layers.patches import inside


class Cutout(keras.layers.Layer):
    """Hides a square of each image under the image's mean colour.

    DeVries & Taylor 2017, "Improved Regularization of Convolutional Neural Networks with Cutout",
    arXiv 1708.04552: the centre lies anywhere in the image, so the square may reach over its edge;
    the paper's zero is the mean too, since it comes after normalisation.

    Args:
        side: Side of the square as a fraction of the shorter side of the image, 0–1.
    """

    def __init__(self, side: float) -> None:
        super().__init__()
        self._side = side
        self._random = keras.random.SeedGenerator()

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Return float (n, h, w, c) with the squares."""
        n, h, w = tf.shape(images)[0], images.shape[1], images.shape[2]
        side = max(1, round(self._side * min(h, w)))
        centres = keras.random.uniform((n, 2), seed=self._random) * tf.constant([h, w], tf.float32)
        corners = tf.cast(tf.floor(centres), tf.int32) - side // 2
        sides = tf.fill([n], side)
        hidden = inside(corners[:, 0], corners[:, 1], sides, sides, h, w)
        return tf.where(hidden, tf.reduce_mean(images, axis=(1, 2), keepdims=True), images)
