"""A foreign model becomes one of ours: same answers, 0–255 in, logits out."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from dashboard.core.errors import InvalidInput, LightboxError
from dashboard.core.explain.layers import convolution_paths
from dashboard.core.models.foreign.importing import _death, import_model
from dashboard.core.models.foreign.request import ImportRequest
from dashboard.core.models.probabilities import probabilities, softmax
from dashboard.core.models.store import get_model
from dashboard.core.serving.engine import Engine
from dashboard.core.serving.question import Question
from dashboard.core.settings import REPOSITORY
from tests.core.models.foreign import keras_2
from tests.core.models.foreign.conftest import LABELS, Import, network

EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"
NOISE = np.random.default_rng(1)


def pictures(*shape: int) -> np.ndarray:
    return NOISE.integers(0, 256, (4, *shape), np.uint8)


def ours(name: str = "taken") -> keras.Model:
    return keras.saving.load_model(get_model(name).model_path, compile=False, safe_mode=True)


def answers(images: np.ndarray) -> np.ndarray:
    """What the published model says, as the engine computes it from its card and file."""
    return probabilities(ours()(images.astype("f4")).numpy(), get_model("taken").card.tasks)


def flipped(x: np.ndarray) -> np.ndarray:
    return x[..., ::-1] - np.array((103.939, 116.779, 123.68), "f4")


RANGES = {
    "0..255": lambda x: x,
    "0..1": lambda x: x / 255,
    "-1..1": lambda x: x / 127.5 - 1,
    "imagenet": lambda x: (x / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225),
    "caffe": flipped,
}


@pytest.mark.parametrize("convention", RANGES)
def test_every_range_answers_as_the_original(convention: str, saved: Path, take: Import) -> None:
    imported = take(saved, convention=convention)
    images = pictures(12, 12, 3)
    expected = network()(RANGES[convention](images.astype("f4"))).numpy()
    np.testing.assert_allclose(answers(images), expected, atol=1e-5)
    origin = imported.card.origin
    assert origin is not None
    assert (origin.value_range, origin.guessed) == (convention, False)
    assert (origin.source, origin.keras_version) == ("plain.keras", keras.__version__)


def functional(ending: layers.Layer) -> keras.Model:
    image = keras.Input((12, 12, 3), name="image")
    x = layers.Conv2D(3, 5, name="scaling")(image)  # names that are ours, too
    return keras.Model(image, ending(layers.Flatten()(x)))


def augmenting() -> keras.Model:
    """As the Keras tutorial has it: augmentation, scaling, a nested network."""
    inner = keras.Sequential([keras.Input((10, 10, 4)), layers.Conv2D(4, 3)], name="inner")
    inner.compile("adam", "mse")  # which its description tells
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.1)]),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(4, 3),
            inner,
            layers.GlobalAveragePooling2D(),
            keras.Sequential([layers.Dense(3), layers.Softmax()]),
            layers.Reshape((3,)),
        ]
    )


@pytest.mark.parametrize(
    ("make", "convention"),
    [
        (lambda: functional(layers.Dense(3, activation="softmax")), "0..255"),
        (lambda: functional(keras.Sequential([layers.Dense(3), layers.Activation("softmax")])),
         "0..255"),
        (augmenting, None),
    ],
    ids=["dense", "activation", "augmenting"],
)  # fmt: skip
def test_the_last_activation_is_found_where_it_is(
    make, convention: str | None, tmp_path: Path, take: Import
) -> None:
    keras.utils.set_random_seed(3)
    model = make()
    model.save(tmp_path / "m.keras")
    images = pictures(12, 12, 3)
    expected = model(images.astype("f4"), training=False).numpy()
    imported = take(tmp_path / "m.keras", convention=convention)
    np.testing.assert_allclose(answers(images), expected, atol=1e-5)
    logits = ours()(images.astype("f4")).numpy()
    assert not np.allclose(logits.sum(axis=1), 1)
    assert imported.card.export is not None
    assert imported.found.convention == "0..255"
    assert not imported.found.guessed


def test_a_range_nobody_told_is_a_guess_and_says_so(saved: Path, take: Import) -> None:
    imported = take(saved, picture=str(EXAMPLE))
    assert (imported.found.convention, imported.found.guessed) == ("0..1", True)
    assert imported.card.origin is not None
    assert imported.card.origin.guessed
    best = imported.found.answers
    assert set(best) == set(RANGES)
    assert all(sum(share for _, share in found) == pytest.approx(1) for found in best.values())
    answer = Engine().classify(EXAMPLE.read_bytes(), Question(model="taken", top=3))
    expected = [(label, pytest.approx(share, abs=1e-4)) for label, share in best["0..1"]]
    assert [(item.label, item.probability) for item in answer.predictions] == expected
    assert not answer.several


def test_logits_stay_as_they_are(tmp_path: Path, take: Import) -> None:
    model = network("linear")
    model.save(tmp_path / "m.keras")
    take(tmp_path / "m.keras", convention="0..255")
    images = pictures(12, 12, 3).astype("f4")
    np.testing.assert_allclose(ours()(images), model(images), rtol=1e-5, atol=1e-4)


def test_one_sigmoid_becomes_two_logits(tmp_path: Path, take: Import) -> None:
    model = network("sigmoid", n=1)
    model.save(tmp_path / "m.keras")
    card = take(tmp_path / "m.keras", ("no", "yes"), convention="0..1").card
    images = pictures(12, 12, 3)
    yes = model(images / 255.0).numpy()[:, 0]
    np.testing.assert_allclose(answers(images), np.stack([1 - yes, yes], axis=1), atol=1e-5)
    assert card.task == "single_label"


def test_several_sigmoids_are_labels_that_do_not_exclude_each_other(
    tmp_path: Path, take: Import
) -> None:
    model = network("sigmoid")
    model.save(tmp_path / "m.keras")
    card = take(tmp_path / "m.keras", convention="0..1").card
    images = pictures(12, 12, 3)
    np.testing.assert_allclose(answers(images), model(images / 255.0), atol=1e-5)
    assert card.task == "multi_label"
    assert Engine().classify(EXAMPLE.read_bytes(), Question(model="taken")).several


def test_an_image_without_channels_gets_one(tmp_path: Path, take: Import) -> None:
    model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(3, "softmax")])
    model.save(tmp_path / "m.keras")
    card = take(tmp_path / "m.keras", convention="0..1").card
    assert (card.input.height, card.input.width, card.input.channels) == (28, 28, 1)
    images = pictures(28, 28, 1)
    np.testing.assert_allclose(answers(images), model(images[..., 0] / 255.0), atol=1e-5)
    with pytest.raises(LightboxError) as refused:
        take(tmp_path / "m.keras", convention="caffe")
    assert refused.value.code == "unsupported_input"


@pytest.mark.parametrize(("size", "side"), [((40, 40), 40), (None, 224)])
def test_an_open_size_is_asked_for(
    size: tuple[int, int] | None, side: int, tmp_path: Path, take: Import
) -> None:
    layers_ = [layers.Conv2D(2, 3, strides=4), layers.GlobalMaxPooling2D(), layers.Dense(3)]
    keras.Sequential([keras.Input((None, None, 3)), *layers_]).save(tmp_path / "m.keras")
    assert take(tmp_path / "m.keras", size=size).card.input.height == side


def test_a_size_that_is_not_the_models_is_refused(saved: Path, take: Import) -> None:
    with pytest.raises(InvalidInput, match="12 × 12 × 3") as refused:
        take(saved, size=(40, 40))
    assert refused.value.code == "unsupported_input"


def test_a_file_of_keras_2_answers_as_the_same_network_of_keras_3(
    tmp_path: Path, take: Import
) -> None:
    values = keras_2.weights(4)
    keras_2.write(tmp_path / "old.hdf5", 24, values)
    image = keras.Input((24, 24, 3))
    x = layers.SeparableConv2D(8, 3, padding="same", use_bias=False)(image)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.SeparableConv2D(12, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, layers.Dense(4, activation="softmax")(x))
    model.set_weights([array for found in values.values() for array in found.values()])

    card = take(tmp_path / "old.hdf5", tuple("abcd"), convention="-1..1").card
    images = pictures(24, 24, 3)
    expected = model(images / np.float32(127.5) - 1, training=False).numpy()
    np.testing.assert_allclose(answers(images), expected, atol=1e-5)
    assert card.export is not None
    assert card.export.max_abs_dp < 1e-5
    assert card.parameters == 24 + 27 + 32 + 72 + 96 + 48 + 52
    assert card.origin is not None
    assert card.origin.keras_version == "2.2.4"

    engine = Engine()
    answer = engine.classify(EXAMPLE.read_bytes(), Question("taken", 4, explain="grad_cam"))
    assert {item.label for item in answer.predictions} == set("abcd")
    assert answer.explanation is not None
    assert answer.explanation.layers == ("separable_conv2d_1", "separable_conv2d_2")


def test_a_file_keras_3_stumbles_over(tmp_path: Path, take: Import) -> None:
    """As Teachable Machine saves: nested, and depthwise convolutions that tell their groups."""
    keras.utils.set_random_seed(5)
    base = keras.applications.MobileNetV2(
        weights=None, include_top=False, input_shape=(64, 64, 3), alpha=0.35
    )
    body = keras.Sequential([base, layers.GlobalAveragePooling2D()])
    head = keras.Sequential([layers.Dense(4, "relu"), layers.Dense(3, "softmax", use_bias=False)])
    model = keras.Sequential([keras.Input((64, 64, 3)), body, head])
    path = tmp_path / "keras_model.h5"
    model.save(path)
    with h5py.File(path, "r+") as file:
        config = file.attrs["model_config"]
        told = config.replace('"depth_multiplier"', '"groups": 1, "depth_multiplier"')
        assert told != config
        file.attrs["model_config"] = told
        file.attrs["keras_version"] = "2.4.0"
    with pytest.raises(TypeError, match="Unrecognized keyword"):
        keras.saving.load_model(path, compile=False)

    found = take(path).found
    assert (found.convention, found.guessed) == ("-1..1", True)  # by the name of what lies inside
    images = pictures(64, 64, 3)
    expected = model(images / np.float32(127.5) - 1, training=False).numpy()
    np.testing.assert_allclose(answers(images), expected, atol=1e-5)
    assert convolution_paths(ours())[-1] == f"{body.name}/{base.name}/Conv_1"


def test_an_h5_of_keras_3(tmp_path: Path, take: Import) -> None:
    network().save(tmp_path / "m.h5")
    take(tmp_path / "m.h5", convention="0..1")
    images = pictures(12, 12, 3)
    np.testing.assert_allclose(answers(images), network()(images / 255.0), atol=1e-5)


def test_a_network_by_name(home: Path) -> None:
    labels = tuple(f"class {number}" for number in range(1000))
    asked = ImportRequest("keras:MobileNetV2", labels, "mobile", weights=None, picture=str(EXAMPLE))
    imported = import_model(asked)
    card = imported.card
    assert (card.input.height, card.network, card.licence) == (224, "mobilenetv2_1.00_224",
                                                               "Apache-2.0")  # fmt: skip
    assert (imported.found.convention, imported.found.guessed) == ("-1..1", False)
    assert card.origin is not None
    assert card.origin.source == "keras:MobileNetV2"
    logits = ours("mobile")(np.zeros((1, 224, 224, 3), "f4")).numpy()
    assert softmax(logits).shape == (1, 1000)


def test_an_unknown_network_names_the_choices(home: Path) -> None:
    with pytest.raises(InvalidInput, match="MobileNetV2"):
        import_model(ImportRequest("keras:Mobile", (), "mobile"))


def test_weights_that_cannot_be_fetched_are_one_sentence(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(LightboxError) as refused:
        import_model(ImportRequest("keras:MobileNetV3Small", (), "mobile"))
    assert (refused.value.status, refused.value.code) == (503, "weights_unreachable")


@pytest.mark.parametrize(
    ("status", "late", "words"),
    [
        (-signal.SIGXCPU, False, "longer"),
        (-signal.SIGKILL, True, "longer"),
        (-signal.SIGKILL, False, "memory"),
        (-signal.SIGABRT, False, "memory"),
        (-signal.SIGSEGV, False, "damaged"),
        (1, False, "damaged"),
    ],
)
def test_a_death_without_a_word_is_told_by_its_signal(status: int, late: bool, words: str) -> None:
    assert words in str(_death(status, late))


def test_the_parent_never_imports_keras(saved: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from dashboard.core.models.foreign.importing import import_model\n"
        "from dashboard.core.models.foreign.request import ImportRequest\n"
        f"import_model(ImportRequest({str(saved)!r}, {LABELS!r}, 'taken'))\n"
        "print(*({'keras', 'tensorflow', 'h5py', 'openvino'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True,
        env={"LIGHTBOX_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
