"""RandAugment. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import layers

_ROUNDS = 2
_RANGE = (0, 255)


class RandAugment(keras.layers.Layer):
    """Changes each image twice, in ways drawn for it.

    Cubuk et al. 2019, arXiv 1909.13719, with N = 2 and the paper's operations, among them the one
    that changes nothing. Solarising is left out, for Keras' layer does not keep to a lower end of
    its threshold; so is the change of colour where there is none. Keras' own `RandAugment` changes
    all images of a batch in the same ways.

    Args:
        strength: The paper's M / 10, 0–1: how far each operation may go.
    """

    def __init__(self, strength: float) -> None:
        super().__init__()
        self._random = keras.random.SeedGenerator()
        self._geometry = _geometry(strength)
        self._light = _light(strength)
        self._colour = layers.RandomSaturation(_around_half(strength), value_range=(0, 1))

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Return the changed images, float (n, h, w, c) in 0–255."""
        operations = [*self._geometry, *self._light]
        if images.shape[-1] == 3:
            operations.append(self._colour)
        n = tf.shape(images)[0]
        for _ in range(_ROUNDS):
            # One more than there are operations: nothing is done.
            chosen = keras.random.randint((n,), 0, len(operations) + 1, seed=self._random)
            images = _each(operations, images, chosen)
        return images


def _geometry(strength: float) -> list[Any]:
    slant, shift, turn = 0.3 * strength, 0.3 * strength, strength / 12  # 30°
    return [
        layers.RandomRotation(turn, fill_mode="constant"),
        layers.RandomShear(slant, 0.0, fill_mode="constant"),
        layers.RandomShear(0.0, slant, fill_mode="constant"),
        layers.RandomTranslation(shift, 0.0, fill_mode="constant"),
        layers.RandomTranslation(0.0, shift, fill_mode="constant"),
    ]


def _light(strength: float) -> list[Any]:
    bits = 8 - round(4 * strength)
    return [
        layers.RandomBrightness(strength / 2, value_range=_RANGE),
        layers.RandomContrast((0.9 * strength, 0.9 * strength), value_range=_RANGE),
        layers.RandomSharpness(_around_half(strength), value_range=_RANGE),
        layers.RandomPosterization((bits, 8), value_range=_RANGE),
        layers.AutoContrast(value_range=_RANGE),
        layers.Equalization(value_range=_RANGE),
    ]


def _around_half(strength: float) -> tuple[float, float]:
    """Range of the factor of layers for which 0.5 is no change."""
    return 0.5 - 0.45 * strength, 0.5 + 0.45 * strength


def _each(operations: Sequence[Any], images: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
    """Apply to each image the operation with its number, so that none is applied in vain."""
    n_parts = len(operations) + 1
    parts = tf.dynamic_partition(images, chosen, n_parts)
    places = tf.dynamic_partition(tf.range(tf.shape(images)[0]), chosen, n_parts)
    changed = [
        _unless_empty(operation, part) for operation, part in zip(operations, parts, strict=False)
    ]
    return tf.ensure_shape(tf.dynamic_stitch(places, [*changed, parts[-1]]), images.shape)


def _unless_empty(operation: Any, part: tf.Tensor) -> tf.Tensor:
    return tf.cond(tf.size(part) > 0, lambda: operation(part, training=True), lambda: part)
