from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from dashboard.core.models import export as export_module
from dashboard.core.models.export import export_openvino
from dashboard.core.models.features import traced
from dashboard.core.models.networks import get_network
from dashboard.core.models.probabilities import softmax
from dashboard.core.models.probe import probe_images
from dashboard.core.models.runtime import FAST, compiled, computes_bfloat16, openvino
from dashboard.core.models.store import file_sha256

SAMPLES = np.random.default_rng(0).integers(0, 256, (70, 32, 32, 3), np.uint8)


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    return get_network("residual").build(10, 32, 32, 3)


def test_the_export_answers_as_keras_does(network: keras.Model, tmp_path: Path) -> None:
    network.save(tmp_path / "model.keras")
    export = export_openvino(network, tmp_path, SAMPLES)
    assert export is not None
    assert export.model_sha256 == file_sha256(tmp_path / "model.keras")
    assert export.max_abs_dp < 1e-5
    assert export.n == 70
    exported = compiled(tmp_path / "openvino" / "model.xml")
    for n in (1, 5):
        images = SAMPLES[:n].astype(np.float32)
        expected = softmax(network(images, training=False).numpy())
        np.testing.assert_allclose(softmax(exported(images)[0]), expected, atol=1e-5)


def test_weights_stay_in_single_precision(network: keras.Model, tmp_path: Path) -> None:
    network.save(tmp_path / "model.keras")
    export_openvino(network, tmp_path, SAMPLES[:2])
    model = openvino().Core().read_model(tmp_path / "openvino" / "model.xml")
    types = {node.get_output_element_type(0).to_string() for node in model.get_ops()}
    assert types <= {"f32", "i32", "i64"}
    size = (tmp_path / "openvino" / "model.bin").stat().st_size
    assert size > 3.9 * network.count_params()


def test_whole_number_input(tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3), dtype="uint8"),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    model.save(tmp_path / "model.keras")
    export = export_openvino(model, tmp_path, SAMPLES[:4, :8, :8])
    assert export is not None
    assert export.max_abs_dp < 1e-5


def test_only_the_logits_and_the_features_are_outputs(tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(4, 3, activation="silu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2),
        ]
    )
    model.save(tmp_path / "model.keras")
    assert export_openvino(model, tmp_path, SAMPLES[:2]) is not None
    exported = openvino().Core().read_model(tmp_path / "openvino" / "model.xml")
    assert [output.partial_shape.to_string() for output in exported.outputs] == ["[?,2]", "[?,4]"]
    expected = traced(model)(SAMPLES[:2])
    found = compiled(exported)([SAMPLES[:2].astype(np.float32)])
    np.testing.assert_allclose(found[0], expected.logits, atol=1e-5)
    np.testing.assert_allclose(found[1], expected.features, atol=1e-5)
    head = model.layers[-1]
    np.testing.assert_allclose(head(expected.features), expected.logits, atol=1e-5)


def test_what_cannot_be_exported_leaves_nothing(tmp_path: Path) -> None:
    # OpenVINO has no antialiased resizing.
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Resizing(8, 8, antialias=True),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    model.save(tmp_path / "model.keras")
    assert export_openvino(model, tmp_path, SAMPLES[:2]) is None
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


@pytest.mark.parametrize("difference", [0.002, float("nan")])
def test_what_answers_differently_leaves_nothing(
    network: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, difference: float
) -> None:
    network.save(tmp_path / "model.keras")
    monkeypatch.setattr(export_module, "_largest_difference", lambda *_: difference)
    assert export_openvino(network, tmp_path, SAMPLES[:2]) is None
    assert not (tmp_path / "openvino").exists()


def test_the_card_tells_how_to_check_the_export_and_what_bfloat16_flips(
    network: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.save(tmp_path / "model.keras")
    export = export_openvino(network, tmp_path, SAMPLES)
    assert export is not None
    expected = network(probe_images(32, 32, 3).astype(np.float32), training=False).numpy()
    np.testing.assert_allclose(export.probe, expected, rtol=1e-5)
    path = tmp_path / "openvino" / "model.xml"
    pixels = SAMPLES.astype(np.float32)
    exact, fast = (compiled(path, **options)(pixels)[0].argmax(1) for options in ({}, FAST))
    assert export.fast_flipped == ((exact != fast).sum() if computes_bfloat16() else None)
    monkeypatch.setattr(export_module, "computes_bfloat16", lambda: False)
    export = export_openvino(network, tmp_path, SAMPLES[:2])
    assert export is not None
    assert export.fast_flipped is None
