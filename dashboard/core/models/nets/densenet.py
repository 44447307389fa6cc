"""DenseNet-BC. Imports TensorFlow.

Huang et al. 2016, "Densely Connected Convolutional Networks", arXiv 1608.06993: each layer sees
the maps of all layers before it in its block and adds `k` of its own.
"""

from __future__ import annotations

import keras
from keras import layers

from dashboard.core.models.nets.conv_norm import MOMENTUM


def build(
    n_classes: int, input_shape: tuple[int, int, int], depth: int = 40, growth: int = 12
) -> keras.Model:
    """Build three dense blocks with bottlenecks; between them the channels and sides are halved.

    176,122 weights are trained for ten classes of colour images; with depth 100, 769,162.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`, both sides at least 4.
        depth: Convolutions and the last layer: 6 n + 4, for n layers in each block.
        growth: `k`, the channels each layer adds.
    """
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = layers.Conv2D(2 * growth, 3, padding="same", use_bias=False, name="stem_conv")(x)
    for block in (1, 2, 3):
        for layer in range(1, (depth - 4) // 6 + 1):
            name = f"block_{block}_{layer}"
            y = _norm_relu_conv(x, 4 * growth, 1, f"{name}_a")
            y = _norm_relu_conv(y, growth, 3, f"{name}_b")
            x = layers.Concatenate(name=f"{name}_concat")([x, y])
        if block < 3:
            x = _norm_relu_conv(x, x.shape[-1] // 2, 1, f"transition_{block}")
            x = layers.AveragePooling2D(2, name=f"transition_{block}_pool")(x)
    x = layers.ReLU(name="relu")(layers.BatchNormalization(momentum=MOMENTUM, name="norm")(x))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(n_classes, name="logits")(x), name="densenet")


def _norm_relu_conv(x: keras.KerasTensor, channels: int, size: int, name: str) -> keras.KerasTensor:
    x = layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    return layers.Conv2D(channels, size, padding="same", use_bias=False, name=f"{name}_conv")(x)
