"""A convolutional network that learns much in few steps. Imports TensorFlow.

After the network of Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv
2404.00498, §3.1–3.2: a whitening layer, then stages that pool right after their first convolution,
so that all else works on a quarter of the positions; neither biases in the convolutions nor scales
in the normalisations, global maximum at the end. ReLU in place of GELU, which costs a processor as
much as a convolution.
"""

from __future__ import annotations

import keras
from keras import layers

from dashboard.core.models.whitening import whitening

_MOMENTUM = 0.8
"""Runs of a few hundred steps: older statistics would be those of another network."""

_CALM = 1 / 9
"""Maxima are large: without it the first steps of a high learning rate would overshoot."""


def build(
    n_classes: int,
    input_shape: tuple[int, int, int],
    stages: tuple[int, ...] = (32, 128, 128),
    shortcuts: bool = False,
    name: str = "fast",
) -> keras.Model:
    """Build two convolutions per stage, each stage at half the resolution.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`, at least 16×16.
        stages: Channels of each stage.
        shortcuts: Give each stage a third convolution, and add what goes into the second one to
            what comes out of the third, as the larger networks of the paper do.
        name: Of the model.
    """
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 63.75, offset=-2)(inputs)
    x = layers.ReLU(name="whitening_relu")(whitening(x))
    for number, channels in enumerate(stages, 1):
        x = _conv(x, channels, f"stage_{number}_a")
        x = layers.MaxPooling2D(name=f"stage_{number}_pool")(x)
        x = _norm(x, f"stage_{number}_a")
        y = _norm(_conv(x, channels, f"stage_{number}_b"), f"stage_{number}_b")
        if shortcuts:
            y = _norm(_conv(y, channels, f"stage_{number}_c"), f"stage_{number}_c")
            y = layers.Add(name=f"stage_{number}_add")([x, y])
        x = y
    x = layers.GlobalMaxPooling2D(name="pool")(x)
    x = layers.Rescaling(_CALM, name="calm")(x)
    return keras.Model(inputs, layers.Dense(n_classes, name="logits")(x), name=name)


def _conv(x: keras.KerasTensor, channels: int, name: str) -> keras.KerasTensor:
    return layers.Conv2D(channels, 3, padding="same", use_bias=False, name=f"{name}_conv")(x)


def _norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    x = layers.BatchNormalization(momentum=_MOMENTUM, scale=False, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
