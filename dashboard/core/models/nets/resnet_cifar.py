"""The residual networks for small images. Imports TensorFlow.

He et al. 2015, "Deep Residual Learning for Image Recognition", arXiv 1512.03385, section 4.2:
`y = relu(x + F(x))`, `F` = conv–norm–relu–conv–norm.
"""

from __future__ import annotations

import keras
from keras import layers

from dashboard.core.models.nets.conv_norm import conv_norm


def build(n_classes: int, input_shape: tuple[int, int, int], depth: int) -> keras.Model:
    """Build a 3×3 convolution, three stages of 16, 32 and 64 channels, an average, logits.

    The shortcuts have no weights (option A of the paper). For ten classes of colour images
    269,722 weights are trained with depth 20 and 464,154 with depth 32.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`, both sides at least 4.
        depth: Convolutions and the last layer: 6 n + 2, for n blocks in each stage.
    """
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = layers.ReLU(name="stem_relu")(conv_norm(x, 16, 3, 1, "stem"))
    for stage, channels in enumerate((16, 32, 64), 1):
        for block in range(1, (depth - 2) // 6 + 1):
            x = _block(x, channels, f"stage_{stage}_{block}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    outputs = layers.Dense(n_classes, name="logits")(x)
    return keras.Model(inputs, outputs, name=f"resnet_{depth}")


def _block(x: keras.KerasTensor, channels: int, name: str) -> keras.KerasTensor:
    stride = channels // x.shape[-1]  # where the channels double, the sides are halved
    y = layers.ReLU(name=f"{name}_relu_1")(conv_norm(x, channels, 3, stride, f"{name}_a"))
    y = conv_norm(y, channels, 3, 1, f"{name}_b")
    if stride == 2:
        x = _halved(x, name)
    return layers.ReLU(name=f"{name}_relu_2")(layers.Add(name=f"{name}_add")([x, y]))


def _halved(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Take every second pixel and add as many channels of zeros as there are."""
    missing = x.shape[-1] // 2
    x = layers.MaxPooling2D(1, strides=2, padding="same", name=f"{name}_subsample")(x)
    # Told that the channels come first, the layer pads the last two axes: width and channels.
    return layers.ZeroPadding2D(
        ((0, 0), (missing, missing)), data_format="channels_first", name=f"{name}_pad"
    )(x)
