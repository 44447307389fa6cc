from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dashboard.core.models.networks import get_network
from dashboard.core.training.normalization import fused_normalization

PIXELS = np.random.default_rng(0).normal(3, 2, (5, 6, 7, 4)).astype(np.float32)


def learned(layer: keras.layers.Layer, pixels: np.ndarray) -> tuple[Any, Any, list[np.ndarray]]:
    """Return output, gradients, and weights afterwards."""
    with tf.GradientTape() as tape:
        x = tf.constant(pixels)
        tape.watch(x)
        output = layer(x, training=True)
        loss = tf.reduce_sum(output**3)
    gradients = tape.gradient(loss, [x, *layer.trainable_variables])
    return output, gradients, layer.get_weights()


@pytest.mark.parametrize(
    "options",
    [{}, {"momentum": 0.5, "epsilon": 0.1}, {"scale": False}, {"center": False}, {"axis": 3},
     {"axis": 1}, {"renorm": True}],
)  # fmt: skip
def test_the_figures_are_those_of_keras(options: dict[str, Any]) -> None:
    found = []
    for fused in (False, True):
        layer = keras.layers.BatchNormalization(**options)
        layer.build(PIXELS.shape)
        layer.set_weights([w + 0.1 * i for i, w in enumerate(layer.get_weights())])
        if fused:
            with fused_normalization():
                found.append(learned(layer, PIXELS))
        else:
            found.append(learned(layer, PIXELS))
    (spelled, slopes, after), (fused_, fused_slopes, fused_after) = found
    np.testing.assert_allclose(fused_, spelled, atol=1e-5)
    for a, b in zip(fused_slopes, slopes, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)
    for a, b in zip(fused_after, after, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_a_frozen_one_stays_and_the_layer_of_keras_comes_back() -> None:
    layer = keras.layers.BatchNormalization()
    layer.build(PIXELS.shape)
    layer.trainable = False
    with fused_normalization():
        output, _, after = learned(layer, PIXELS)
    np.testing.assert_allclose(output, PIXELS / np.sqrt(1.001), rtol=1e-4)
    assert all(np.array_equal(a, b) for a, b in zip(after, layer.get_weights(), strict=True))
    layer.trainable = True
    assert operations(layer, PIXELS.shape) == 0


def operations(network: Any, shape: tuple[int | None, ...]) -> int:
    """Count the fused operations of a training step."""
    function = tf.function(lambda x: network(x, training=True))
    graph = function.get_concrete_function(tf.TensorSpec(shape)).graph
    return sum(op.type == "FusedBatchNormV3" for op in graph.get_operations())


def test_networks_of_others_profit_too() -> None:
    network = get_network("transfer:MobileNetV2:random").build(3, 32, 32, 3)
    with fused_normalization():
        assert operations(network, (2, 32, 32, 3)) == 52
