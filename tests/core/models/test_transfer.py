"""A backbone keeps what it knows, takes pixel values, and learns in two phases."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from dashboard.core.errors import InvalidInput, NotFound, Unavailable
from dashboard.core.explain.base import ExplainableModel
from dashboard.core.explain.grad_cam import GradCam
from dashboard.core.models.backbones import BACKBONES, get_backbone
from dashboard.core.models.export import MAX_ABS_DP, export_openvino
from dashboard.core.models.freezing import blocks, freeze, unfreeze_last
from dashboard.core.models.store import get_model
from dashboard.core.models.transfer import from_application, from_model

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
GREY = PIXELS[:, :28, :28, :1]


@pytest.fixture(scope="module")
def mobile() -> keras.Model:
    keras.utils.set_random_seed(0)
    return from_application("MobileNetV2", "random", 3, 32, 32, 3)


@pytest.fixture
def digits() -> keras.Model:
    keras.utils.set_random_seed(0)
    return from_model("digits", 3)


def test_the_table_is_all_of_keras_applications() -> None:
    there = {name for name in dir(keras.applications) if name[0].isupper()}
    assert {backbone.id for backbone in BACKBONES} == there
    assert len(BACKBONES) == len(there)
    for backbone in BACKBONES:
        assert backbone.smallest <= backbone.side


@pytest.mark.parametrize("name", ["MobileNet", "MobileNetV3Small", "VGG16", "EfficientNetV2B0"])
def test_a_backbone_has_the_weights_of_the_table(name: str) -> None:
    model = from_application(name, "random", 3, 32, 32, 3)
    assert model.get_layer("backbone").count_params() == get_backbone(name).parameters


@pytest.mark.parametrize(
    ("name", "module"),
    [("MobileNet", "mobilenet"), ("VGG16", "vgg16"), ("DenseNet121", "densenet")],
)
def test_pixel_values_are_scaled_as_keras_scales_them(name: str, module: str) -> None:
    model = from_application(name, "random", 3, 32, 32, 3)
    scaling = keras.Model(model.inputs[0], model.get_layer("scaling").output)
    expected = getattr(keras.applications, module).preprocess_input(PIXELS.astype(np.float32))
    received = scaling(PIXELS.astype(np.float32)).numpy()
    np.testing.assert_allclose(received, expected, atol=1e-4)


def test_a_grey_image_becomes_three_equal_channels() -> None:
    model = from_application("MobileNet", "random", 3, 32, 32, 1)
    colour = keras.Model(model.inputs[0], model.get_layer("grey_to_colour").output)
    grey = PIXELS[..., :1].astype(np.float32)
    np.testing.assert_array_equal(colour(grey).numpy(), np.repeat(grey, 3, axis=-1))


def test_it_is_saved_exported_and_explained_like_any_other(
    mobile: keras.Model, tmp_path: Path
) -> None:
    mobile.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    images = PIXELS.astype(np.float32)
    expected = mobile(images, training=False).numpy()
    np.testing.assert_array_equal(loaded(images, training=False).numpy(), expected)
    export = export_openvino(mobile, tmp_path, PIXELS)
    assert export is not None
    assert export.max_abs_dp <= MAX_ABS_DP
    model = ExplainableModel(loaded)
    assert GradCam().supports(model) is None
    assert GradCam().layers(model)[-1] == "backbone/block_13_expand"  # later ones see one place
    maps = GradCam().explain(model, PIXELS, 1, "backbone/block_3_expand")
    assert maps.shape == (3, 8, 8)


def test_a_published_model_keeps_its_features_under_a_new_head(digits: keras.Model) -> None:
    source = keras.models.load_model(get_model("digits").model_path)
    assert digits.input_shape == source.input_shape
    assert digits.output_shape == (None, 3)
    features = keras.Model(source.inputs[0], source.get_layer("pool").output)
    images = GREY.astype(np.float32)
    expected = features(images, training=False).numpy()
    received = digits.get_layer("backbone")(images, training=False).numpy()
    np.testing.assert_allclose(received, expected, atol=1e-6)


def test_a_published_transfer_serves_as_backbone_itself(
    home: Path, tmp_path: Path, digits: keras.Model
) -> None:
    from dashboard.core.models.card import save_card
    from dashboard.core.models.store import publish

    digits.save(tmp_path / "model.keras")
    save_card(get_model("digits").card, tmp_path)
    publish(tmp_path, "three")
    model = from_model("three", 5)
    assert model(GREY.astype(np.float32)).shape == (3, 5)
    assert len(blocks(model.get_layer("backbone"))) == 4  # those of the digits, nested twice


def test_the_blocks_of_a_residual_network_are_its_residual_blocks(digits: keras.Model) -> None:
    found = [[layer.name for layer in block] for block in blocks(digits.get_layer("backbone"))]
    assert [names[-1] for names in found] == ["stem_relu", "stage_1_relu_2", "stage_2_relu_2",
                                              "pool"]  # fmt: skip
    assert {"stage_2_shortcut_conv", "stage_2_a_conv", "stage_2_b_conv"} <= set(found[2])
    assert sum(map(len, found)) == len(digits.get_layer("backbone").layers)


@pytest.mark.parametrize(
    ("name", "n_blocks"), [("VGG16", 13), ("ResNet50", 17), ("MobileNetV2", 32)]
)
def test_the_blocks_of_known_backbones(name: str, n_blocks: int) -> None:
    # 13 convolutions; a stem and 16 residual blocks; in MobileNetV2 the ten inverted blocks with
    # a shortcut are whole, the other convolutions, 3 · 6 + 2 + 2, stand alone.
    model = from_application(name, "random", 3, 32, 32, 3)
    assert len(blocks(model.get_layer("backbone"))) == n_blocks


def fitted(model: keras.Model) -> dict[str, bool]:
    """Name of each layer in the backbone with weights → whether a step of training changed it."""
    backbone = model.get_layer("backbone")
    layers = [layer for layer in backbone.layers if layer.weights]
    before = {layer.name: layer.get_weights() for layer in layers}
    model.compile(
        keras.optimizers.SGD(1.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )  # fmt: skip
    model.fit(GREY.astype(np.float32), np.arange(3), verbose=0)
    return {
        layer.name: any(
            not np.array_equal(old, new)
            for old, new in zip(before[layer.name], layer.get_weights(), strict=True)
        )
        for layer in layers
    }


def test_frozen_only_the_new_layer_learns(digits: keras.Model) -> None:
    freeze(digits)
    head = digits.get_layer("logits").get_weights()[0]
    assert not any(fitted(digits).values())
    assert not np.array_equal(head, digits.get_layer("logits").get_weights()[0])


def test_the_last_blocks_learn_and_every_normalisation_stays(digits: keras.Model) -> None:
    freeze(digits)
    unfreeze_last(digits, 1)
    changed = fitted(digits)
    assert {name for name, is_changed in changed.items() if is_changed} == {
        "stage_3_shortcut_conv", "stage_3_a_conv", "stage_3_b_conv"
    }  # fmt: skip
    unfreeze_last(digits, 0)
    assert not any(fitted(digits).values())


def test_the_order_of_the_weights_does_not_depend_on_what_is_frozen(digits: keras.Model) -> None:
    fresh = from_model("digits", 3)
    unfreeze_last(digits, 2)
    fresh.set_weights(digits.get_weights())
    images = GREY.astype(np.float32)
    np.testing.assert_array_equal(
        fresh(images, training=False).numpy(), digits(images, training=False).numpy()
    )


@pytest.mark.parametrize("n_blocks", [-1, 5])
def test_more_blocks_than_there_are(digits: keras.Model, n_blocks: int) -> None:
    with pytest.raises(InvalidInput, match=f"from 0 to 4 .*received {n_blocks}"):
        unfreeze_last(digits, n_blocks)


def test_weights_from_a_file(mobile: keras.Model, tmp_path: Path) -> None:
    path = tmp_path / "mobile.weights.h5"
    mobile.get_layer("backbone").save_weights(path)
    model = from_application("MobileNetV2", str(path), 3, 32, 32, 3)
    for old, new in zip(
        mobile.get_layer("backbone").get_weights(),
        model.get_layer("backbone").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(old, new)
    with pytest.raises(
        InvalidInput, match=r"“mobile\.weights\.h5” do not fit the backbone “VGG16”"
    ):
        from_application("VGG16", str(path), 3, 32, 32, 3)


@pytest.mark.parametrize("content", [None, b"no weights"])
def test_a_file_that_holds_no_weights(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "some.h5"
    if content:
        path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        from_application("MobileNetV2", str(path), 3, 32, 32, 3)
    assert caught.value.code == "invalid_weights"


def test_weights_that_cannot_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens there
    with pytest.raises(Unavailable, match=r"cannot be fetched: URL fetch failure\. Connect"):
        from_application("MobileNetV2", "imagenet", 3, 96, 96, 3)


def test_what_cannot_be_built_says_why() -> None:
    with pytest.raises(InvalidInput, match=r"“AlexNet”.*MobileNetV2"):
        from_application("AlexNet", "random", 3, 32, 32, 3)
    with pytest.raises(InvalidInput, match="at least 71×71 pixels; received 32×64"):
        from_application("Xception", "random", 3, 32, 64, 3)
    with pytest.raises(NotFound, match="“nobody”"):
        from_model("nobody", 3)
