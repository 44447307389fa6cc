"""ResNet-18. Imports TensorFlow.

He et al. 2015, "Deep Residual Learning for Image Recognition", arXiv 1512.03385, table 1:
`y = relu(P(x) + F(x))`, `F` = conv–norm–relu–conv–norm; `P` is a 1×1 conv–norm where a stage
changes the shape (option B of the paper), else `x` itself.
"""

from __future__ import annotations

import keras
from keras import layers

from dashboard.core.models.nets.conv_norm import conv_norm

SMALL = 64
"""Images with a side below this many pixels keep their resolution in the first layers."""


def build(n_classes: int, input_shape: tuple[int, int, int]) -> keras.Model:
    """Build four stages of two residual blocks with 64, 128, 256 and 512 channels.

    11,181,642 weights are trained for ten classes of colour images. Images smaller than `SMALL`
    get a 3×3 convolution in place of the 7×7 of stride 2 and the max pooling, which would leave
    one pixel of a 32×32 image; that has 7,680 weights less.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`, both sides at least 8.
    """
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    small = min(input_shape[:2]) < SMALL
    x = conv_norm(x, 64, 3, 1, "stem") if small else conv_norm(x, 64, 7, 2, "stem")
    x = layers.ReLU(name="stem_relu")(x)
    if not small:
        x = layers.MaxPooling2D(3, strides=2, padding="same", name="stem_pool")(x)
    for stage, channels in enumerate((64, 128, 256, 512), 1):
        for block in (1, 2):
            x = _block(x, channels, f"stage_{stage}_{block}")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(n_classes, name="logits")(x), name="resnet_18")


def _block(x: keras.KerasTensor, channels: int, name: str) -> keras.KerasTensor:
    stride = channels // x.shape[-1]  # where the channels double, the sides are halved
    y = layers.ReLU(name=f"{name}_relu_1")(conv_norm(x, channels, 3, stride, f"{name}_a"))
    y = conv_norm(y, channels, 3, 1, f"{name}_b")
    if stride == 2:
        x = conv_norm(x, channels, 1, 2, f"{name}_shortcut")
    return layers.ReLU(name=f"{name}_relu_2")(layers.Add(name=f"{name}_add")([x, y]))
