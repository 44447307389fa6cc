"""LeNet-5. Imports TensorFlow."""

from __future__ import annotations

import keras
from keras import layers


def build(n_classes: int, input_shape: tuple[int, int, int]) -> keras.Model:
    """Build LeNet-5: two 5×5 convolutions with tanh and average pooling, dense 120 and 84.

    61,706 weights for ten classes of 32×32 grey images. The average pooling has no weights of its
    own, every map of the second convolution sees all six maps before it, and the end is logits:
    three details of 1998 nobody repeats.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`, both sides at least 16.

    References:
        LeCun, Bottou, Bengio and Haffner 1998, "Gradient-Based Learning Applied to Document
        Recognition", Proceedings of the IEEE 86.
    """
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(6, 5, activation="tanh", name="c1"),
            layers.AveragePooling2D(2, name="s2"),
            layers.Conv2D(16, 5, activation="tanh", name="c3"),
            layers.AveragePooling2D(2, name="s4"),
            layers.Flatten(),
            layers.Dense(120, activation="tanh", name="c5"),
            layers.Dense(84, activation="tanh", name="f6"),
            layers.Dense(n_classes, name="logits"),
        ],
        name="lenet",
    )
