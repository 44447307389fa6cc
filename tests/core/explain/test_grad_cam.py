from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from dashboard.core.errors import InvalidInput
from dashboard.core.explain.base import MAX_FUNCTIONS, ExplainableModel
from dashboard.core.explain.grad_cam import GradCam
from dashboard.core.explain.layers import find_layer, intercepted

GRAD_CAM = GradCam()

# One channel of an image, 2×2.
IMAGE = np.array([[10, 20], [30, 0]], np.uint8).reshape(1, 2, 2, 1)


def by_hand() -> keras.Model:
    """Two channels, A_1 = x and A_2 = 2x; z_0 = sum(A_1) - sum(A_2), z_1 = 3·A_2[0, 1]."""
    model = keras.Sequential(
        [
            keras.Input((2, 2, 1)),
            layers.Conv2D(2, 1, use_bias=False, name="conv"),
            layers.Flatten(),
            layers.Dense(2, use_bias=False, name="logits"),
        ]
    )
    model.get_layer("conv").set_weights([np.array([1.0, 2.0]).reshape(1, 1, 1, 2)])
    # Flattened: (0,0,A_1), (0,0,A_2), (0,1,A_1), (0,1,A_2), (1,0,A_1), …
    dense = np.zeros((8, 2))
    dense[:, 0] = [1, -1] * 4
    dense[3, 1] = 3
    model.get_layer("logits").set_weights([dense])
    return model


def test_weights_are_the_mean_of_the_gradients_over_positions() -> None:
    gradients = np.zeros((1, 2, 2, 3), np.float32)
    gradients[0, ..., 0] = 1
    gradients[0, 0, 1, 1] = 3
    gradients[0, :, 0, 2] = -2
    weights = GRAD_CAM.weights(tf.constant(gradients))
    np.testing.assert_allclose(weights, [[1.0, 0.75, -1.0]])


def test_the_combination_keeps_what_speaks_for_the_class() -> None:
    activations = np.float32([[[[1, 2], [3, 0]]]])  # one row of two positions, two channels
    maps = GRAD_CAM.combine(tf.constant(activations), tf.constant([[2.0, -1.5]]))
    np.testing.assert_allclose(maps, [[[0, 6]]])  # 2 - 3 = -1 → 0, and 6


def test_logits_and_map_by_hand() -> None:
    model = ExplainableModel(by_hand())
    logits, maps = GRAD_CAM.logits_and_maps(model, IMAGE, 1)
    np.testing.assert_allclose(logits, [[60 - 120, 3 * 40]])
    # α = (0, 3/4), so the map is 3/4 · 2x: proportional to x, 30 becoming 1.
    np.testing.assert_allclose(maps, IMAGE[..., 0] / np.float32(30), rtol=1e-6)


def test_no_evidence_is_all_zero() -> None:
    # α = (1, -1), so the map is relu(x - 2x) = 0.
    maps = GRAD_CAM.explain(ExplainableModel(by_hand()), IMAGE, 0)
    np.testing.assert_array_equal(maps, np.zeros((1, 2, 2)))


def test_a_score_that_does_not_depend_on_the_layer_gives_zero() -> None:
    inputs = keras.Input((8, 8, 1))
    unused = layers.Conv2D(2, 3, name="conv")(inputs)
    pooled = layers.GlobalAveragePooling2D()(inputs)
    outputs = layers.Dense(2)(pooled) + 0 * keras.ops.sum(keras.ops.stop_gradient(unused))
    model = ExplainableModel(keras.Model(inputs, outputs))
    maps = GRAD_CAM.explain(model, np.full((1, 8, 8, 1), 9, np.uint8), 0)
    np.testing.assert_array_equal(maps, np.zeros((1, 6, 6)))


def nested() -> keras.Model:
    """A backbone inside a model, as in transfer learning; names repeat on purpose."""
    backbone = keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.SeparableConv2D(5, 3, name="last"),
        ],
        name="backbone",
    )
    inputs = keras.Input((12, 12, 3))
    x = layers.DepthwiseConv2D(3, padding="same", name="conv")(inputs)
    x = layers.GlobalAveragePooling2D()(backbone(x))
    return keras.Model(inputs, layers.Dense(3)(x))


def test_layers_of_nested_models_have_paths() -> None:
    model = ExplainableModel(nested())
    assert GRAD_CAM.layers(model) == ("conv", "backbone/conv", "backbone/last")


@pytest.mark.parametrize(
    ("layer", "side"), [("conv", 12), ("backbone/conv", 10), ("backbone/last", 8), (None, 8)]
)
def test_nested_models_agree_with_a_plain_tape(layer: str | None, side: int) -> None:
    network = nested()
    images = np.random.default_rng(0).integers(0, 256, (2, 12, 12, 3), np.uint8)
    maps = GRAD_CAM.explain(ExplainableModel(network), images, 2, layer)
    assert maps.shape == (2, side, side)
    assert maps.dtype == np.float32
    np.testing.assert_allclose(
        maps, _eager(network, layer or "backbone/last", images, 2), atol=1e-5
    )


def headed_by_convolutions() -> keras.Model:
    """As MobileNet: a convolution squeezes and excites, another one is the last layer."""
    inputs = keras.Input((12, 12, 3))
    x = layers.Conv2D(4, 3, name="wide")(inputs)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = x * layers.Conv2D(4, 1, activation="sigmoid", name="gate")(gate)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    return keras.Model(inputs, layers.Flatten()(layers.Conv2D(3, 1, name="head")(x)))


def test_a_convolution_of_one_place_is_not_offered() -> None:
    model = ExplainableModel(headed_by_convolutions())
    assert GRAD_CAM.layers(model) == ("wide",)
    images = np.random.default_rng(0).integers(0, 256, (1, 12, 12, 3), np.uint8)
    assert GRAD_CAM.explain(model, images, 2).shape == (1, 10, 10)


def test_channels_first_gives_the_same_map() -> None:
    keras.utils.set_random_seed(0)
    networks = []
    for kind in ("channels_last", "channels_first"):
        inputs = keras.Input((12, 10, 3))
        x = layers.Permute((3, 1, 2))(inputs) if kind == "channels_first" else inputs
        x = layers.Conv2D(4, 3, data_format=kind)(x)
        x = layers.GlobalAveragePooling2D(data_format=kind)(x)
        networks.append(keras.Model(inputs, layers.Dense(2)(x)))
    networks[1].set_weights(networks[0].get_weights())
    images = np.random.default_rng(0).integers(0, 256, (2, 12, 10, 3), np.uint8)
    expected, received = (
        GRAD_CAM.explain(ExplainableModel(network), images, 1) for network in networks
    )
    assert expected.max() > 0
    np.testing.assert_allclose(received, expected, atol=1e-5)


def _eager(network: keras.Model, path: str, images: np.ndarray, target: int) -> np.ndarray:
    seen = []
    with (
        tf.GradientTape() as tape,
        intercepted(find_layer(network, path), lambda y: seen.append(y) or y),
    ):
        logits = network(images.astype(np.float32), training=False)
        score = logits[:, target]
    activations = seen[0].numpy()
    alpha = tape.gradient(score, seen[0]).numpy().mean(axis=(1, 2))
    maps = np.maximum((activations * alpha[:, None, None]).sum(-1), 0)
    largest = maps.max(axis=(1, 2), keepdims=True)
    return np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)


def test_one_trace_serves_all_targets_and_batch_sizes() -> None:
    traces = []

    class Counting(GradCam):
        def weights(self, gradients: tf.Tensor) -> tf.Tensor:
            traces.append(1)
            return super().weights(gradients)

    model = ExplainableModel(nested())
    images = np.zeros((3, 12, 12, 3), np.uint8)

    def explain(task: int) -> None:
        Counting().explain(model, images[: 1 + task % 3], task % 3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(explain, range(12)))
    assert len(traces) == 1
    Counting().explain(model, images, 0, "conv")
    assert len(traces) == 2


def test_traced_functions_are_bounded() -> None:
    model = ExplainableModel(None)
    for key in range(MAX_FUNCTIONS + 1):
        model.function(key, lambda: print)
    assert 0 not in model._functions
    assert MAX_FUNCTIONS in model._functions


def test_a_failed_trace_leaves_the_layer_as_it_was() -> None:
    layer = by_hand().get_layer("conv")

    def fail() -> None:
        with intercepted(layer, lambda y: y):
            assert "call" in vars(layer)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert "call" not in vars(layer)


def test_an_unknown_layer_names_the_choices() -> None:
    with pytest.raises(InvalidInput, match=r"`layer`.*“nose”.*Choose one of: conv"):
        GRAD_CAM.explain(ExplainableModel(by_hand()), IMAGE, 0, "nose")


def test_a_model_without_convolutions_is_refused_with_the_reason() -> None:
    model = ExplainableModel(
        keras.Sequential([keras.Input((2, 2, 1)), layers.Flatten(), layers.Dense(2)])
    )
    assert GRAD_CAM.supports(model) == "Grad-CAM needs a convolution, and this model has none."
    with pytest.raises(InvalidInput, match="needs a convolution"):
        GRAD_CAM.explain(model, IMAGE, 0)


def test_whole_number_inputs() -> None:
    network = keras.Sequential(
        [
            keras.Input((4, 4, 1), dtype="uint8"),
            layers.Rescaling(1 / 255),
            layers.Conv2D(2, 3, name="conv"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2),
        ]
    )
    maps = GRAD_CAM.explain(ExplainableModel(network), np.ones((1, 4, 4, 1), np.uint8), 1)
    assert maps.shape == (1, 2, 2)
