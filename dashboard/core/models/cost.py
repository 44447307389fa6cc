"""What a forward pass of a Keras model costs. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import keras

BYTES = 4
"""Of a number in single precision."""


def flops(model: keras.Model) -> int:
    """Count the floating-point operations of one image's forward pass.

    Two for each multiplication with the addition after it, in convolutions, dense layers and
    attention: a weight of a kernel is used once at every position of its layer's output, and
    attention multiplies all pairs of tokens twice. Normalisation, activation and pooling are left
    out, as in most papers; many of these give half our figure and call a multiply–add one.
    """
    return 2 * sum(_multiply_adds(layer) for layer in _layers(model))


def largest_activation_bytes(model: keras.Model) -> int:
    """Return the size of the largest output of any layer, for one image in single precision."""
    return max(BYTES * prod(layer.output.shape[1:]) for layer in _layers(model))


def _layers(model: keras.Model) -> Iterator[keras.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        else:
            yield layer


def _multiply_adds(layer: keras.Layer) -> int:
    kernels = [weight for weight in layer.weights if weight.name.endswith("kernel")]
    positions = prod(layer.output.shape[1:-1])
    count = positions * sum(prod(kernel.shape) for kernel in kernels)
    if isinstance(layer, keras.layers.MultiHeadAttention):
        count += 2 * positions**2 * layer.num_heads * layer.key_dim
    return count
