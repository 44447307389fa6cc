from __future__ import annotations

import keras
import numpy as np
import pytest

from dashboard.core.models.networks import get_network
from dashboard.core.models.whitening import whiten, whitening


def smooth_images(n: int, side: int, channels: int) -> np.ndarray:
    """Neighbouring pixels are alike, as in photographs."""
    generator = np.random.default_rng(0)
    walks = generator.normal(0, 12, (n, side, side, channels)).cumsum(axis=1).cumsum(axis=2)
    return np.clip(128 + walks, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("channels", "size"), [(3, 2), (1, 2), (3, 3)])
def test_every_direction_varies_as_much_and_none_with_another(channels: int, size: int) -> None:
    images = smooth_images(60, 16, channels)
    inputs = keras.Input((16, 16, channels))
    scaled = keras.layers.Rescaling(1 / 63.75, offset=-2)(inputs)
    network = keras.Model(inputs, whitening(scaled, size))
    whiten(network, images, np.arange(60))
    found = network(images.astype(np.float32)).numpy().reshape(-1, 2 * size**2 * channels)
    half = found.shape[1] // 2
    np.testing.assert_allclose(found[:, half:], -found[:, :half], atol=1e-5)
    moments = found[:, :half].T @ found[:, :half] / len(found)
    np.testing.assert_allclose(moments - np.diag(np.diag(moments)), 0, atol=0.02)
    assert np.diag(moments).min() > 0.8  # less than 1 by ε, where there is little to see
    assert np.diag(moments).max() < 1.001


def test_only_the_given_rows_are_looked_at() -> None:
    images = smooth_images(40, 32, 3)
    spoilt = images.copy()
    spoilt[20:] = 0
    kernels = []
    for pixels in (images, spoilt):
        network = get_network("fast").build(10, 32, 32, 3)
        whiten(network, pixels, np.arange(20))
        kernels.append(network.get_layer("whitening").kernel.numpy())
    np.testing.assert_array_equal(*kernels)


def test_it_does_not_learn_and_others_have_none() -> None:
    network = get_network("fast").build(10, 32, 32, 3)
    assert network.get_layer("whitening").trainable_weights == []
    other = get_network("residual").build(10, 32, 32, 3)
    before = [weight.copy() for weight in other.get_weights()]
    whiten(other, smooth_images(4, 32, 3), np.arange(4))
    for one, two in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
