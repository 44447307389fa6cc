"""A network that multiplies in float16, for GPUs made for it. Imports TensorFlow."""

from __future__ import annotations

from typing import Any


def in_mixed_precision(network: Any) -> Any:
    """Return a copy of a `keras.Model` with the policy `mixed_float16` and the same weights.

    The last layer stays in float32: logits of 10 or more would lose a probability's third digit
    (Micikevicius et al. 2018, arXiv 1710.03740).
    """
    import keras

    last = network.layers[-1].name

    def lowered(layer: Any) -> Any:
        policy = "float32" if layer.name == last else "mixed_float16"
        return layer.__class__.from_config({**layer.get_config(), "dtype": policy})

    copy = keras.models.clone_model(network, clone_function=lowered, recursive=True)
    copy.set_weights(network.get_weights())
    return copy
