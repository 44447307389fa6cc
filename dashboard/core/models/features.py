"""A network with two outputs: logits and features. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dashboard.core.models.outputs import Outputs

_BATCH = 256


def with_features(network: keras.Model) -> keras.Model:
    """Return the same network with what goes into its last dense layer as a second output.

    One that ends in another layer is compared by its logits.
    """
    (logits,) = network.outputs
    last, call, _ = logits._keras_history  # `last.input` is ambiguous where a layer is called twice
    dense = isinstance(last, keras.layers.Dense)
    features = last._inbound_nodes[call].input_tensors[0] if dense else logits
    return keras.Model(network.inputs, [logits, features])


def traced(network: keras.Model, xla: bool = False) -> Callable[[np.ndarray], Outputs]:
    """Return a fast function from uint8 (n, h, w, c) in [0, 255] to `Outputs`.

    Args:
        network: Ends in logits.
        xla: Compile it, for a GPU: on a CPU it would take 5–10 times as long.
    """
    both = with_features(network)
    spec = network.inputs[0]

    def forward(images: tf.Tensor) -> list[tf.Tensor]:
        found = both(tf.cast(images, spec.dtype), training=False)
        return [tf.cast(tensor, tf.float32) for tensor in found]

    concrete = tf.function(
        forward,
        input_signature=[tf.TensorSpec([None, *spec.shape[1:]], tf.uint8)],
        autograph=False,
        jit_compile=xla,
    ).get_concrete_function()

    def outputs(batch: np.ndarray) -> Outputs:
        return Outputs(*(tensor.numpy() for tensor in concrete(tf.constant(batch, tf.uint8))))

    return outputs


def look_at(outputs: Callable[[np.ndarray], Outputs], images: np.ndarray, rows: Any) -> Outputs:
    """Return the outputs of many images, batch by batch.

    Args:
        outputs: From `traced`.
        images: uint8 (n, h, w, c), may be mapped from disk.
        rows: Which of them, (m,).
    """
    parts = [outputs(images[rows[at : at + _BATCH]]) for at in range(0, len(rows), _BATCH)]
    return Outputs(*(np.concatenate(column) for column in zip(*parts, strict=True)))
