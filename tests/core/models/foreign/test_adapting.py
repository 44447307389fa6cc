"""Foreign networks of less usual kinds: adapted without changing what they answer, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers, ops

from dashboard.core.errors import InvalidInput
from dashboard.core.explain.base import ExplainableModel
from dashboard.core.explain.grad_cam import GradCam
from dashboard.core.models.features import with_features
from dashboard.core.models.foreign.adapting import Adapted, adapt
from dashboard.core.models.probabilities import sigmoid, softmax
from dashboard.core.models.store import get_model
from tests.core.models.foreign.conftest import LABELS, Import

VALUES = np.random.default_rng(2).random((4, 12, 12, 3), np.float32)


def adapted(model: keras.Model, n_labels: int) -> Adapted:
    return adapt(model, n_labels, None, None)


def answer(image: keras.KerasTensor, n: int, ending: str | None) -> keras.KerasTensor:
    """What a small network with random weights of some size answers."""
    x = layers.Conv2D(4, 3, activation="relu")(image)
    wide = keras.initializers.RandomNormal(stddev=2)
    return layers.Dense(n, ending, kernel_initializer=wide)(layers.GlobalAveragePooling2D()(x))


def several(n: int, ending: str) -> list[keras.KerasTensor]:
    """The answers of three networks to one image."""
    image = keras.Input((12, 12, 3))
    found = []
    for _ in range(3):
        own = keras.Input((12, 12, 3))
        found.append(keras.Model(own, answer(own, n, ending))(image))
    return found


def of(output: keras.KerasTensor) -> keras.Model:
    (image,) = keras.utils.get_source_inputs(output)
    return keras.Model(image, output)


def complement() -> keras.KerasTensor:
    share = answer(keras.Input((12, 12, 3)), 1, "sigmoid")
    return layers.Concatenate()([1 - share, share])


DISTRIBUTIONS = {
    "average": lambda: layers.Average()(several(3, "softmax")),
    "clipped": lambda: ops.clip(answer(keras.Input((12, 12, 3)), 3, "softmax"), 1e-6, 1 - 1e-6),
    "complement": complement,
}


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_probabilities_are_not_taken_for_logits(kind: str) -> None:
    keras.utils.set_random_seed(1)
    model = of(DISTRIBUTIONS[kind]())
    expected = model(VALUES).numpy()
    found = adapted(model, expected.shape[1])
    np.testing.assert_allclose(softmax(found.network(VALUES).numpy()), expected, atol=1e-6)
    assert not found.several


SHARES = {
    "average": lambda n: layers.Average()(several(n, "sigmoid")),
    "clipped": lambda n: ops.clip(answer(keras.Input((12, 12, 3)), n, "sigmoid"), 0.01, 0.99),
    "hard": lambda n: answer(keras.Input((12, 12, 3)), n, "hard_sigmoid"),
}


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("kind", SHARES)
def test_sigmoids_are_not_taken_for_logits(kind: str, n: int) -> None:
    keras.utils.set_random_seed(1)
    model = of(SHARES[kind](n))
    expected = model(VALUES).numpy()
    found = adapted(model, 2 if n == 1 else n)
    logits = found.network(VALUES).numpy()
    received = softmax(logits)[:, 1:] if n == 1 else sigmoid(logits)
    np.testing.assert_allclose(received, expected, atol=1e-6)
    assert found.several == (n > 1)


@pytest.mark.parametrize("n", [1, 3])
def test_small_logits_stay_logits(n: int) -> None:
    model = of(answer(keras.Input((12, 12, 3)), n, None))
    model.layers[-1].set_weights([np.zeros((4, n)), np.full(n, 0.4)])  # each could be a share
    logits = adapted(model, 2 if n == 1 else n).network(VALUES).numpy()
    expected = [-0.2, 0.2] if n == 1 else [0.4] * 3
    np.testing.assert_allclose(logits, [expected] * 4, atol=1e-6)


def test_an_average_is_published_and_read_again(tmp_path: Path, take: Import) -> None:
    keras.utils.set_random_seed(1)
    model = of(DISTRIBUTIONS["average"]())
    model.save(tmp_path / "m.keras")
    assert take(tmp_path / "m.keras", convention="0..1").card.export is not None
    ours = keras.saving.load_model(get_model("taken").model_path, compile=False, safe_mode=True)
    expected = model(VALUES).numpy()
    np.testing.assert_allclose(softmax(ours(255 * VALUES).numpy()), expected, atol=1e-5)


def test_an_activation_used_elsewhere_stays_there() -> None:
    image, gate = keras.Input((12, 12, 3)), layers.Activation("sigmoid")
    model = of(gate(answer(3 * gate(image), 3, None)))
    expected = model(VALUES).numpy()
    found = adapted(model, 3)
    np.testing.assert_allclose(sigmoid(found.network(VALUES).numpy()), expected, atol=1e-6)


@pytest.mark.parametrize("n_labels", [1, 3])
def test_one_output_takes_two_labels(n_labels: int) -> None:
    with pytest.raises(InvalidInput, match=f"one output.* labels given: {n_labels}") as refused:
        adapted(of(answer(keras.Input((12, 12, 3)), 1, "sigmoid")), n_labels)
    assert refused.value.code == "labels_mismatch"


@pytest.mark.parametrize("use_bias", [True, False])
def test_of_one_output_both_classes_have_evidence(use_bias: bool) -> None:
    keras.utils.set_random_seed(1)
    image = keras.Input((12, 12, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(image))
    model = of(layers.Dense(1, "sigmoid", use_bias=use_bias)(x))
    model.layers[-1].kernel.assign([[1.0], [-1.0], [1.0], [-1.0]])
    yes = model(VALUES).numpy()
    found = adapted(model, 2).network
    np.testing.assert_allclose(softmax(found(VALUES).numpy())[:, 1:], yes, atol=1e-6)
    explainable = ExplainableModel(found)
    pixels = np.rint(255 * VALUES).astype(np.uint8)
    for target in (0, 1):
        assert GradCam().explain(explainable, pixels, target).max() > 0
    features = with_features(found).outputs[1]
    assert features.shape == (None, 4)  # by one number every picture would be like half of all


@pytest.mark.parametrize("shape", [(3, None, None), (1, None, None), (3, None, 40)])
def test_channels_first_is_refused_where_sides_are_open(shape: tuple[int | None, ...]) -> None:
    image = keras.Input(shape)
    x = layers.Conv2D(4, 3, data_format="channels_first", padding="same")(image)
    x = layers.GlobalAveragePooling2D(data_format="channels_first")(x)
    with pytest.raises(InvalidInput, match="channels last") as refused:
        adapted(of(layers.Dense(3, "softmax")(x)), 3)
    assert refused.value.code == "unsupported_input"


@pytest.mark.parametrize(
    "before",
    [
        lambda: [layers.Resizing(16, 16)],
        lambda: [layers.Resizing(16, 16), layers.CenterCrop(12, 12)],
        lambda: [keras.Sequential([layers.ZeroPadding2D(), layers.Cropping2D(1)])],
    ],
)
def test_a_network_that_resizes_and_then_scales_takes_255(
    before: Callable[[], list[keras.Layer]],
) -> None:
    rest = [layers.Conv2D(4, 3), layers.GlobalAveragePooling2D(), layers.Dense(len(LABELS))]
    for scaling, scales in ((layers.Rescaling(1 / 255), True), (layers.Conv2D(3, 1), False)):
        layers_ = [keras.Input((12, 12, 3)), *before(), scaling, *rest]
        assert adapted(keras.Sequential(layers_), 3).scales_itself == scales
