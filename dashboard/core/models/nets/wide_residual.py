"""A residual network with few layers of many channels. Imports TensorFlow.

Zagoruyko & Komodakis 2016, "Wide Residual Networks", arXiv 1605.07146: three stages of blocks that
normalise and rectify before each convolution, so that what a block adds to goes through unchanged.
The paper's widths grow by two; here the last stage is narrower, where most of the weights are.
"""

from __future__ import annotations

import keras
from keras import layers

_STEM = 32


def build(
    n_classes: int,
    input_shape: tuple[int, int, int],
    channels: tuple[int, ...] = (64, 128, 224),
    blocks: int = 2,
) -> keras.Model:
    """Build stages of `blocks` blocks, each stage but the first at half the resolution.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`, at least 16×16.
        channels: Of each stage.
        blocks: Per stage, of two convolutions each.
    """
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 63.75, offset=-2)(inputs)
    x = _conv(x, _STEM, "stem")
    for stage, width in enumerate(channels, 1):
        for block in range(1, blocks + 1):
            halves = stage > 1 and block == 1
            x = _block(x, width, 2 if halves else 1, f"stage_{stage}_block_{block}")
    x = _norm(x, "last")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(n_classes, name="logits")(x), name="wide_residual")


def _block(x: keras.KerasTensor, channels: int, strides: int, name: str) -> keras.KerasTensor:
    y = _norm(x, f"{name}_a")
    if x.shape[-1] != channels or strides > 1:
        x = _conv(y, channels, f"{name}_shortcut", 1, strides)
    y = _conv(y, channels, f"{name}_a", strides=strides)
    y = _conv(_norm(y, f"{name}_b"), channels, f"{name}_b")
    return layers.Add(name=f"{name}_add")([x, y])


def _conv(
    x: keras.KerasTensor, channels: int, name: str, size: int = 3, strides: int = 1
) -> keras.KerasTensor:
    layer = layers.Conv2D(
        channels, size, strides, padding="same", use_bias=False,
        kernel_initializer="he_normal", name=f"{name}_conv",
    )  # fmt: skip
    return layer(x)


def _norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
