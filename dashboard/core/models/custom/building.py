"""From a list of layers to a Keras model. Imports TensorFlow."""

from __future__ import annotations

import keras
from keras import layers

from dashboard.core.models.custom.kinds import get_kind
from dashboard.core.models.custom.layer_list import LayerList, check


def build(network: LayerList, n_classes: int) -> keras.Model:
    """Build the network: pixel values divided by 255, the layers, logits.

    Raises:
        InvalidInput: As `layer_list.check`.
    """
    check(network, n_classes)
    shape = (network.height, network.width, network.channels)
    model = keras.Sequential([keras.Input(shape), layers.Rescaling(1 / 255)], name="custom")
    for number, layer in enumerate(network.layers, 1):
        kind = get_kind(layer.kind)
        make = getattr(layers, kind.keras)
        model.add(make(**layer.values, **kind.fixed, name=f"{kind.id}_{number}"))
    model.add(layers.Dense(n_classes, name="logits"))
    return model
