"""Random crops, scaled back to the size of the image. Imports TensorFlow."""

from __future__ import annotations

import keras
import tensorflow as tf


class Crop(keras.layers.Layer):
    """Shows a random part of each image as large as the whole.

    Szegedy et al. 2014, "Going deeper with convolutions", arXiv 1409.4842, without the change of
    aspect ratio. Keras' `RandomCrop` takes the same place in all images of a batch.

    Args:
        strength: Largest part of the side that is cut away, 0–1.
    """

    def __init__(self, strength: float) -> None:
        super().__init__()
        self._strength = strength
        self._random = keras.random.SeedGenerator()

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Return the crops of float (n, h, w, c), in the same shape."""
        n, h, w = tf.shape(images)[0], images.shape[1], images.shape[2]
        cut = keras.random.uniform((n, 1), 0, self._strength, seed=self._random)
        start = keras.random.uniform((n, 2), seed=self._random) * cut
        boxes = tf.concat([start, start + 1 - cut], axis=1)  # top, left, bottom, right
        return tf.image.crop_and_resize(images, boxes, tf.range(n), (h, w))
