from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from dashboard.core.models.networks import get_network
from dashboard.core.training.precision import compute_in

IDS = ("doc-003", "residual", "transformer")  # plain, with normalisation, with attention


def products(network: keras.Model) -> set[str]:
    """Types in which the network convolves and multiplies matrices."""
    function = tf.function(lambda x: network(x, training=True))
    graph = function.get_concrete_function(tf.TensorSpec((4, *network.input_shape[1:]))).graph
    kinds = ("Conv2D", "MatMul", "BatchMatMulV2")
    return {o.outputs[0].dtype.name for o in graph.get_operations() if o.type in kinds}


@pytest.mark.parametrize("name", IDS)
def test_products_are_rounded_and_weights_are_not(name: str) -> None:
    network = get_network(name).build(10, 32, 32, 3)
    images = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 3)).astype(np.float32)
    before = network.predict(images, verbose=0)
    compute_in(network, "bfloat16")
    assert products(network) == {"bfloat16"}
    assert {str(weight.dtype) for weight in network.weights} == {"float32"}
    rounded = np.asarray(tf.cast(network(images), tf.float32))
    assert 0 < abs(rounded - before).max() < 0.05 * abs(before).max() + 0.01
    compute_in(network, "float32")
    assert products(network) == {"float32"}
    np.testing.assert_array_equal(network(images), copy_of(network, name)(images))


def copy_of(network: keras.Model, name: str) -> keras.Model:
    copy = get_network(name).build(10, 32, 32, 3)
    copy.set_weights(network.get_weights())
    return copy
