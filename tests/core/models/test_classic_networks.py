"""The networks of the literature have the weights their papers count, and learn."""

from __future__ import annotations

from math import prod

import keras
import numpy as np
import pytest

from dashboard.core.models.nets import densenet
from dashboard.core.models.networks import NETWORKS, Network, get_network

FREE = [network for network in NETWORKS if network.free_input]


def trained(model: keras.Model) -> int:
    """Weights that are trained; a paper does not count the statistics of a normalisation."""
    return sum(prod(weight.shape) for weight in model.trainable_weights)


def dense(m: int, n: int) -> int:
    return m * n + n


def conv(size: int, c: int, k: int) -> int:
    return size**2 * c * k


def conv_norm(size: int, c: int, k: int) -> int:
    return conv(size, c, k) + 2 * k


def test_the_perceptron() -> None:
    weights = dense(28 * 28, 512) + dense(512, 512) + dense(512, 10)
    assert get_network("mlp").build(10, 28, 28, 1).count_params() == weights == 669_706


def test_lenet() -> None:
    model = get_network("lenet").build(10, 32, 32, 1)
    weights = conv(5, 1, 6) + 6 + conv(5, 6, 16) + 16
    weights += dense(5 * 5 * 16, 120) + dense(120, 84) + dense(84, 10)
    assert model.count_params() == weights == 61_706
    sides = [model.get_layer(name).output.shape[1] for name in ("c1", "s2", "c3", "s4")]
    assert sides == [28, 14, 10, 5]  # as in the paper


def test_vgg() -> None:
    weights, channels = 0, 3
    for k in (64, 128, 256):
        weights += conv(3, channels, k) + k + conv(3, k, k) + k
        channels = k
    weights += dense(256, 256) + dense(256, 10)
    assert get_network("vgg").build(10, 32, 32, 3).count_params() == weights == 1_213_770


@pytest.mark.parametrize(
    ("depth", "millions", "exactly"), [(20, "0.27", 269_722), (32, "0.46", 464_154)]
)
def test_the_small_resnets(depth: int, millions: str, exactly: int) -> None:
    n = (depth - 2) // 6
    weights = conv_norm(3, 3, 16) + dense(64, 10)
    for c, k in ((16, 16), (16, 32), (32, 64)):
        weights += conv_norm(3, c, k) + (2 * n - 1) * conv_norm(3, k, k)
    model = get_network(f"resnet-{depth}").build(10, 32, 32, 3)
    assert trained(model) == weights == exactly
    assert f"{weights / 1e6:.2f}" == millions  # He et al. 2015, table 6
    sides = [model.get_layer(f"stage_{stage}_1_add").output.shape[1:] for stage in (1, 2, 3)]
    assert sides == [(32, 32, 16), (16, 16, 32), (8, 8, 64)]


def test_a_shortcut_without_weights_takes_every_second_pixel_and_adds_zeros() -> None:
    model = get_network("resnet-20").build(2, 16, 16, 3)
    names = ("stage_1_3_relu_2", "stage_2_1_pad")
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3)).astype(np.float32)
    inner = keras.Model(model.inputs[0], [model.get_layer(name).output for name in names])
    before, shortcut = (tensor.numpy() for tensor in inner(images, training=False))
    assert before.max() > 0
    np.testing.assert_array_equal(shortcut[..., 8:24], before[:, ::2, ::2])
    assert not shortcut[..., :8].any()
    assert not shortcut[..., 24:].any()


def test_resnet_18() -> None:
    def stage(c: int, k: int) -> int:
        shortcut = conv_norm(1, c, k) if c != k else 0
        return conv_norm(3, c, k) + shortcut + 3 * conv_norm(3, k, k)

    stages = stage(64, 64) + stage(64, 128) + stage(128, 256) + stage(256, 512)
    model = get_network("resnet-18").build(1000, 224, 224, 3)
    assert trained(model) == conv_norm(7, 3, 64) + stages + dense(512, 1000) == 11_689_512
    names = [f"stage_{number}_2_add" for number in (1, 2, 3, 4)]
    assert [model.get_layer(name).output.shape[1] for name in names] == [56, 28, 14, 7]
    small = get_network("resnet-18").build(10, 32, 32, 3)
    assert trained(small) == conv_norm(3, 3, 64) + stages + dense(512, 10)
    assert [small.get_layer(name).output.shape[1] for name in names] == [32, 16, 8, 4]


@pytest.mark.parametrize(("depth", "exactly"), [(40, 176_122), (100, 769_162)])
def test_densenet(depth: int, exactly: int) -> None:
    n, k = (depth - 4) // 6, 12
    c, weights = 2 * k, conv(3, 3, 2 * k)
    for block in (1, 2, 3):
        for _ in range(n):
            weights += 2 * c + conv(1, c, 4 * k) + 2 * 4 * k + conv(3, 4 * k, k)
            c += k
        if block < 3:
            weights += 2 * c + conv(1, c, c // 2)
            c //= 2
    weights += 2 * c + dense(c, 10)
    assert trained(densenet.build(10, (32, 32, 3), depth)) == weights == exactly
    assert depth != 100 or f"{weights / 1e6:.1f}" == "0.8"  # Huang et al. 2016, table 2


def test_the_transformer() -> None:
    tokens, d = 8 * 8, 128
    attention = 4 * dense(d, d)
    block = 2 * d + attention + 2 * d + 2 * dense(d, d)
    weights = conv(3, 3, 64) + conv(3, 64, d) + tokens * d + 2 * block
    weights += 2 * d + dense(d, 1) + dense(d, 10)
    model = get_network("transformer").build(10, 32, 32, 3)
    assert model.count_params() == weights == 284_491  # the paper says 0.28 M


def test_the_transformer_pools_its_tokens_by_weights_that_sum_to_one() -> None:
    model = get_network("transformer").build(2, 16, 16, 3)
    outputs = [model.get_layer(name).output for name in ("norm", "weights", "pool")]
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3)).astype(np.float32)
    tokens, weights, pooled = (
        tensor.numpy() for tensor in keras.Model(model.inputs[0], outputs)(images, training=False)
    )
    assert weights.shape == (2, 16, 1)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(pooled, (weights * tokens).sum(axis=1), atol=1e-5)


def test_the_transformer_knows_where_a_token_is() -> None:
    model = get_network("transformer").build(2, 16, 16, 3)
    grey = np.full((1, 16, 16, 3), 127.5, np.float32)  # 0 after scaling: only positions differ
    inner = keras.Model(model.inputs[0], model.get_layer("token_and_position").output)
    table = model.get_layer("position").get_weights()[0]
    np.testing.assert_allclose(inner(grey, training=False).numpy()[0], table, atol=1e-6)
    assert len(np.unique(table.round(6), axis=0)) == 16


@pytest.mark.parametrize("network", FREE, ids=lambda network: network.id)
def test_a_network_learns_three_shades(network: Network) -> None:
    keras.utils.set_random_seed(0)
    model = network.build(3, 16, 16, 1)
    noise = np.random.default_rng(0).integers(0, 64, (3, 16, 16, 1))
    images = (noise + np.array([0, 95, 190]).reshape(3, 1, 1, 1)).astype(np.float32)
    model.compile(
        keras.optimizers.Adam(1e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,  # tracing takes longer than eight steps
    )
    loss = model.fit(images, np.arange(3), epochs=8, verbose=0).history["loss"]
    assert min(loss) < 0.8 * loss[0]
