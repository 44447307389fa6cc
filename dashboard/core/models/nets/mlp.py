"""A multilayer perceptron: the baseline that knows nothing of images. Imports TensorFlow."""

from __future__ import annotations

import keras
from keras import layers


def build(n_classes: int, input_shape: tuple[int, int, int]) -> keras.Model:
    """Build two hidden dense layers of 512 units with relu and dropout on the flattened pixels.

    669,706 weights for ten classes of 28×28 grey images.

    Args:
        n_classes: Number of logits.
        input_shape: `(height, width, channels)`.

    References:
        Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating
        errors", Nature 323. Dropout of 0.2: Srivastava et al. 2014, JMLR 15.
    """
    model = keras.Sequential(
        [keras.Input(input_shape), layers.Rescaling(1 / 255), layers.Flatten()], name="mlp"
    )
    for index in (1, 2):
        model.add(layers.Dense(512, activation="relu", name=f"dense_{index}"))
        model.add(layers.Dropout(0.2, name=f"dropout_{index}"))
    model.add(layers.Dense(n_classes, name="logits"))
    return model
