"""A network in the style of VGG. Imports TensorFlow."""

from __future__ import annotations

import keras
from keras import layers


def build(
    n_classes: int,
    input_shape: tuple[int, int, int],
    stages: tuple[int, ...] = (64, 128, 256),
) -> keras.Model:
    """Build stages of two 3×3 convolutions and a max pooling, then a dense layer of 256 units.

    1,213,770 weights for ten classes of colour images of any size: unlike the paper, the last maps
    are averaged and not flattened.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`, both sides at least 8.
        stages: Channels of each stage.

    References:
        Simonyan and Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image
        Recognition", arXiv 1409.1556.
    """
    model = keras.Sequential([keras.Input(input_shape), layers.Rescaling(1 / 255)], name="vgg")
    for stage, channels in enumerate(stages, 1):
        for index in (1, 2):
            # He's start (arXiv 1502.01852): without normalisation, Keras' own fades in six layers.
            model.add(
                layers.Conv2D(
                    channels,
                    3,
                    padding="same",
                    activation="relu",
                    kernel_initializer="he_normal",
                    name=f"conv_{stage}_{index}",
                )
            )
        model.add(layers.MaxPooling2D(name=f"pool_{stage}"))
    model.add(layers.GlobalAveragePooling2D(name="pool"))
    model.add(layers.Dense(256, activation="relu", kernel_initializer="he_normal", name="dense"))
    model.add(layers.Dropout(0.5, name="dropout"))
    model.add(layers.Dense(n_classes, name="logits"))
    return model
