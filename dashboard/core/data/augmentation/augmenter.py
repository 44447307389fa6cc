"""Applies augmentations to batches. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from dashboard.core.data.augmentation.catalog import AUGMENTATIONS

_DRAWS = 64
"""More than the random draws a layer makes for a batch."""


class Augmenter:
    """Changes batches at random; the same seed and step make the same changes.

    Works eagerly and in a `tf.data` map, which must not be parallel: the layers keep the state of
    their random numbers.

    Args:
        strengths: Id → strength, as checked by `check_augmentation`; 0 leaves out.
        seed: Decides the changes.
    """

    def __init__(self, strengths: Mapping[str, float], seed: int) -> None:
        chosen = [entry for entry in AUGMENTATIONS if strengths.get(entry.id)]
        with tf.device("CPU"):  # a map over a data set cannot reach states on a GPU
            self._changes = [e.layer(strengths[e.id]) for e in chosen if not e.mixes]
            self._mixtures = [e.layer(strengths[e.id]) for e in chosen if e.mixes]
        self._seed = seed
        # The only variables of these layers are the states of their random numbers.
        self._states = [
            state for layer in (*self._changes, *self._mixtures) for state in layer.variables
        ]

    def __call__(self, images: Any, labels: Any, step: Any) -> tuple[Any, Any]:
        """Return changed images and labels.

        Args:
            images: float32 (n, h, w, c) in 0–255.
            labels: float32 (n, classes), one-hot or multi-hot; of any kind where nothing mixes.
            step: Number of the batch; each has changes of its own.

        Returns:
            The images, in the same shape and range, and the labels; mixed ones keep their sum.
        """
        self._rewind(tf.cast(step, tf.int64))
        for layer in self._changes:
            images = layer(images, training=True)
        for layer in self._mixtures:
            mixed = layer({"images": images, "labels": labels}, training=True)
            images, labels = mixed["images"], mixed["labels"]
        return images, labels

    def _rewind(self, step: tf.Tensor) -> None:
        """Start each layer's random numbers where they begin for this step."""
        seed = tf.constant(self._seed, tf.int64)
        for number, state in enumerate(self._states):
            place = (step * len(self._states) + number) * _DRAWS
            state.assign(keras.ops.stack([seed, place]))
