from pathlib import Path

import keras
import ml_dtypes
import numpy as np
import pytest

from dashboard.core.models.export import export_openvino
from dashboard.core.models.half_size import deflate, is_rounded, round_kernels
from dashboard.core.models.networks import get_network
from dashboard.core.models.probabilities import softmax
from dashboard.core.models.runtime import compiled
from dashboard.core.training.precision import compute_in

IMAGES = np.random.default_rng(0).integers(0, 256, (70, 32, 32, 3), np.uint8)


@pytest.fixture
def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    return get_network("residual").build(10, 32, 32, 3)


def test_kernels_are_rounded_and_all_else_is_not(network: keras.Model) -> None:
    generator = np.random.default_rng(0)
    before = [generator.normal(size=weight.shape).astype(np.float32) for weight in network.weights]
    network.set_weights(before)
    assert not is_rounded(network)
    round_kernels(network)
    assert is_rounded(network)
    for was, weight in zip(before, network.get_weights(), strict=True):
        expected = was.astype(ml_dtypes.bfloat16).astype(np.float32) if was.ndim > 1 else was
        np.testing.assert_array_equal(weight, expected)


def test_what_is_trained_in_bfloat16_computes_the_same_when_rounded(network: keras.Model) -> None:
    compute_in(network, "bfloat16")
    before = np.asarray(network(IMAGES[:4].astype(np.float32)))
    round_kernels(network)
    np.testing.assert_array_equal(np.asarray(network(IMAGES[:4].astype(np.float32))), before)


def test_a_rounded_model_takes_half_the_room(network: keras.Model, tmp_path: Path) -> None:
    round_kernels(network)
    path = tmp_path / "model.keras"
    network.save(path)
    deflate(path)
    assert path.stat().st_size < 0.6 * 4 * network.count_params()
    read = keras.saving.load_model(path, compile=False, safe_mode=True)
    for was, weight in zip(network.get_weights(), read.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, was)


def test_the_export_at_half_the_size_answers_alike(network: keras.Model, tmp_path: Path) -> None:
    network.save(tmp_path / "model.keras")
    export = export_openvino(network, tmp_path, IMAGES, half_size=True)
    assert export is not None
    assert 0 < export.max_abs_dp < 1e-3
    assert (tmp_path / "openvino/model.bin").stat().st_size < 0.55 * 4 * network.count_params()
    exported = compiled(tmp_path / "openvino/model.xml")
    images = IMAGES.astype(np.float32)
    expected = softmax(network(images, training=False).numpy())
    np.testing.assert_allclose(softmax(exported(images)[0]), expected, atol=1e-3)


def test_what_float16_cannot_hold_is_exported_in_float32(tmp_path: Path) -> None:
    pixels = keras.Input((32, 32, 3))
    scaled = keras.layers.Rescaling(1e-7)(keras.layers.Flatten()(pixels))
    model = keras.Model(pixels, keras.layers.Dense(3)(scaled))
    kernel = np.random.default_rng(0).normal(size=(3072, 3)) * 1e5  # float16 ends at 65,504
    model.layers[-1].kernel.assign(kernel)
    model.save(tmp_path / "model.keras")
    export = export_openvino(model, tmp_path, IMAGES, half_size=True)
    assert export is not None
    assert export.precision == "f32"
