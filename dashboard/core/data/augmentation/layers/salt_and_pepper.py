"""Salt-and-pepper noise. Imports TensorFlow."""

from __future__ import annotations

import keras
import tensorflow as tf


class SaltAndPepper(keras.layers.Layer):
    """Makes pixels black or white, with the same probability; all channels of a pixel alike.

    Gonzalez & Woods, "Digital Image Processing", section on noise models (impulse noise).

    Args:
        share: Probability that a pixel is hit, 0–1.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share
        self._random = keras.random.SeedGenerator()

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Return float (n, h, w, c) in 0–255 with the noise."""
        draws = keras.random.uniform((*tf.unstack(tf.shape(images))[:3], 1), seed=self._random)
        images = tf.where(draws < self._share / 2, 0.0, images)
        return tf.where(draws >= 1 - self._share / 2, 255.0, images)
