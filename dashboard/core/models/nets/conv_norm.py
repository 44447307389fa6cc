"""A convolution with its batch normalisation. Imports TensorFlow."""

from __future__ import annotations

import keras
from keras import layers

MOMENTUM = 0.9
"""0.9 instead of Keras' 0.99: a run of a few hundred steps would otherwise be evaluated with
statistics that still remember the start."""


def conv_norm(
    x: keras.KerasTensor, channels: int, size: int, stride: int, name: str
) -> keras.KerasTensor:
    """Apply a `size`×`size` convolution without bias, then batch normalisation.

    Args:
        x: (n, h, w, c).
        channels: Channels of the result.
        size: Side of the kernel.
        stride: 1 keeps height and width, 2 halves them, rounded up.
        name: Prefix of the layers' names.
    """
    x = layers.Conv2D(
        channels, size, strides=stride, padding="same", use_bias=False, name=f"{name}_conv"
    )(x)
    return layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(x)
