"""A small residual network. Imports TensorFlow.

He et al. 2015, "Deep Residual Learning for Image Recognition", arXiv 1512.03385:
`y = relu(P(x) + F(x))`, `F` = conv–norm–relu–conv–norm, `P` = 1×1 conv–norm: it matches the shapes
where a stage changes them, and is kept in the first stage, where the paper adds `x` itself.
"""

from __future__ import annotations

import keras
from keras import layers

from dashboard.core.models.nets.conv_norm import conv_norm


def build(
    n_classes: int,
    input_shape: tuple[int, int, int],
    stages: tuple[int, ...] = (32, 64, 128),
) -> keras.Model:
    """Build one residual block per stage, halving the resolution from the second on.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`.
        stages: Channels of each stage.
    """
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = layers.ReLU(name="stem_relu")(conv_norm(x, stages[0], 3, 1, "stem"))
    for index, channels in enumerate(stages):
        x = _block(x, channels, 1 if index == 0 else 2, f"stage_{index + 1}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(n_classes, name="logits")(x), name="residual")


def _block(x: keras.KerasTensor, channels: int, stride: int, name: str) -> keras.KerasTensor:
    shortcut = conv_norm(x, channels, 1, stride, f"{name}_shortcut")
    y = layers.ReLU(name=f"{name}_relu_1")(conv_norm(x, channels, 3, stride, f"{name}_a"))
    y = conv_norm(y, channels, 3, 1, f"{name}_b")
    return layers.ReLU(name=f"{name}_relu_2")(layers.Add(name=f"{name}_add")([shortcut, y]))
