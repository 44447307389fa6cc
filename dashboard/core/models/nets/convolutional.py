"""The convolutional networks of the source documents. Imports TensorFlow."""

from __future__ import annotations

import keras
from keras import layers


def build(
    n_classes: int,
    input_shape: tuple[int, int, int],
    filters: tuple[int, ...],
    dense: int,
    pool_last: bool,
) -> keras.Model:
    """Build conv(3×3, relu)–max-pool(2×2) blocks, one hidden dense layer, logits.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`.
        filters: Channels of each convolution.
        dense: Units of the hidden layer.
        pool_last: Whether the last convolution is pooled too (not in document 003).
    """
    model = keras.Sequential([keras.Input(input_shape), layers.Rescaling(1 / 255)])
    for index, channels in enumerate(filters):
        model.add(layers.Conv2D(channels, 3, activation="relu", name=f"conv_{index + 1}"))
        if pool_last or index < len(filters) - 1:
            model.add(layers.MaxPooling2D(name=f"pool_{index + 1}"))
    model.add(layers.Flatten())
    model.add(layers.Dense(dense, activation="relu", name="dense"))
    model.add(layers.Dense(n_classes, name="logits"))
    return model
