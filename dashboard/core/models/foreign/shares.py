"""Networks that answer with probabilities which no last activation gives. Imports TensorFlow.

Several that are averaged do so, and those whose answers are kept away from 0 and 1.
"""

from __future__ import annotations

from typing import Literal

import keras
import numpy as np
from keras import layers

PASSING = (layers.Reshape, layers.Flatten, layers.Dropout)
"""Layers that leave the numbers an answer consists of as they are."""

Ending = Literal["softmax", "sigmoid", "logits"]

_JOINING = (*PASSING, layers.Average, layers.Concatenate)
_SIGMOIDS = (keras.activations.sigmoid, keras.activations.hard_sigmoid, "sigmoid", "hardsigmoid")
_LEAST = 1e-7


def of_shares(
    values: keras.KerasTensor, found: keras.KerasTensor, output: keras.KerasTensor
) -> tuple[keras.KerasTensor, Ending]:
    """Return logits, and what makes probabilities of them; `found` itself where it holds logits.

    Args:
        values: What the network takes.
        found: What it answers, (n, numbers).
        output: The same, where it still shows what it was made of.
    """
    if found.shape[-1] > 1 and _sum_to_one(keras.Model(values, found)):
        return keras.ops.log(keras.ops.maximum(found, _LEAST)), "softmax"
    if _are_sigmoids(output):
        share = keras.ops.clip(found, _LEAST, 1 - _LEAST)
        return keras.ops.log(share) - keras.ops.log(1 - share), "sigmoid"
    return found, "logits"


def _sum_to_one(network: keras.Model) -> bool:
    """Whether it answers with a distribution, to noise of two ranges and to plain pictures."""
    noise = np.random.default_rng(0).random((1, *network.inputs[0].shape[1:]), np.float32)
    images = np.concatenate([noise, 255 * noise, np.zeros_like(noise), np.ones_like(noise)])
    found = np.asarray(network(images, training=False), np.float64)
    return bool((found >= 0).all() and (np.abs(found.sum(axis=1) - 1) <= 1e-3).all())


def _are_sigmoids(output: keras.KerasTensor) -> bool:
    """Whether each number is a sigmoid, an average of some, or one kept within limits."""
    operation, inputs = made_by(output)
    if isinstance(operation, keras.Model):
        return len(operation.outputs) == 1 and _are_sigmoids(operation.outputs[0])
    if isinstance(operation, _JOINING) or type(operation).__name__ == "Clip":
        return all(map(_are_sigmoids, inputs))
    kind = getattr(operation, "activation", None) or type(operation).__name__.lower()
    return kind in _SIGMOIDS


def made_by(
    output: keras.KerasTensor,
) -> tuple[keras.Operation, list[keras.KerasTensor]]:
    """Return the operation that gives `output`, and what goes into it."""
    history = output._keras_history
    return history.operation, history.operation._inbound_nodes[history.node_index].input_tensors
