from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest

from dashboard.core.errors import InvalidInput
from dashboard.core.explain.base import ExplainableModel
from dashboard.core.explain.catalog import EXPLAINERS
from dashboard.core.models.export import MAX_ABS_DP, export_openvino
from dashboard.core.models.networks import NETWORKS, Network, get_network

# (kind, output shape without the batch, weights), for ten classes. A convolution from c to k
# channels has 3·3·c·k + k weights, a dense layer from m to n units m·n + n.
CNN_28 = [
    ("Rescaling", (28, 28, 1), 0),
    ("Conv2D", (26, 26, 32), 9 * 1 * 32 + 32),
    ("MaxPooling2D", (13, 13, 32), 0),
    ("Conv2D", (11, 11, 64), 9 * 32 * 64 + 64),
    ("MaxPooling2D", (5, 5, 64), 0),
    ("Flatten", (1600,), 0),
    ("Dense", (64,), 1600 * 64 + 64),
    ("Dense", (10,), 64 * 10 + 10),
]
DOCUMENTS = {
    "doc-000": [
        ("Rescaling", (224, 224, 3), 0),
        ("Conv2D", (222, 222, 32), 9 * 3 * 32 + 32),
        ("MaxPooling2D", (111, 111, 32), 0),
        ("Conv2D", (109, 109, 64), 9 * 32 * 64 + 64),
        ("MaxPooling2D", (54, 54, 64), 0),
        ("Conv2D", (52, 52, 128), 9 * 64 * 128 + 128),
        ("MaxPooling2D", (26, 26, 128), 0),
        ("Flatten", (86528,), 0),
        ("Dense", (512,), 86528 * 512 + 512),
        ("Dense", (10,), 512 * 10 + 10),
    ],
    "doc-001": CNN_28,
    "doc-002": CNN_28,
    "doc-003": [
        ("Rescaling", (32, 32, 3), 0),
        ("Conv2D", (30, 30, 32), 9 * 3 * 32 + 32),
        ("MaxPooling2D", (15, 15, 32), 0),
        ("Conv2D", (13, 13, 64), 9 * 32 * 64 + 64),
        ("MaxPooling2D", (6, 6, 64), 0),
        ("Conv2D", (4, 4, 64), 9 * 64 * 64 + 64),
        ("Flatten", (1024,), 0),
        ("Dense", (64,), 1024 * 64 + 64),
        ("Dense", (10,), 64 * 10 + 10),
    ],
}
FROM_DOCUMENTS = [get_network(name) for name in DOCUMENTS]
TOTALS = {"doc-000": 44_401_226, "doc-001": 121_930, "doc-002": 121_930, "doc-003": 122_570}


@dataclass
class Built:
    """A network of the catalogue with its saved copy and three images."""

    network: Network
    model: keras.Model
    folder: Path
    images: np.ndarray

    @property
    def logits(self) -> np.ndarray:
        return self.model(self.images.astype(np.float32), training=False).numpy()


@pytest.fixture(scope="module", params=NETWORKS, ids=lambda network: network.id)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    network: Network = request.param
    keras.utils.set_random_seed(0)
    # Small where that is allowed: the same layers, answered and exported faster.
    shape = (16, 16, 3) if network.free_input else (network.height, network.width, network.channels)
    model = network.build(10, *shape)
    folder = tmp_path_factory.mktemp(network.id)
    model.save(folder / "model.keras")
    images = np.random.default_rng(0).integers(0, 256, (3, *shape), np.uint8)
    yield Built(network, model, folder, images)
    shutil.rmtree(folder)  # doc-000 takes 350 MB


def activation(layer: keras.Layer) -> str:
    return keras.activations.serialize(layer.activation)


@pytest.mark.parametrize("built", FROM_DOCUMENTS, ids=DOCUMENTS, indirect=True)
def test_the_documents_networks_layer_by_layer(built: Built) -> None:
    layers = built.model.layers
    found = [
        (type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in layers
    ]
    assert found == DOCUMENTS[built.network.id]
    assert built.model.count_params() == TOTALS[built.network.id]
    *hidden, _ = [layer for layer in layers if hasattr(layer, "activation")]
    assert {activation(layer) for layer in hidden} == {"relu"}
    for layer in layers:
        if isinstance(layer, keras.layers.Conv2D):
            assert (layer.kernel_size, layer.strides, layer.padding) == ((3, 3), (1, 1), "valid")
        if isinstance(layer, keras.layers.MaxPooling2D):
            assert (layer.pool_size, layer.strides) == ((2, 2), (2, 2))


def test_the_residual_network_by_hand() -> None:
    # A convolution without bias and its normalisation: size²·c·k + 4·k weights.
    def conv_norm(size: int, c: int, k: int) -> int:
        return size**2 * c * k + 4 * k

    def block(c: int, k: int) -> int:
        return conv_norm(1, c, k) + conv_norm(3, c, k) + conv_norm(3, k, k)

    weights = conv_norm(3, 3, 32) + block(32, 32) + block(32, 64) + block(64, 128)
    weights += 128 * 10 + 10
    model = get_network("residual").build(10, 32, 32, 3)
    assert model.count_params() == weights == 311_146
    sides = [model.get_layer(f"stage_{stage}_add").output.shape[1:] for stage in (1, 2, 3)]
    assert sides == [(32, 32, 32), (16, 16, 64), (8, 8, 128)]


def test_a_block_adds_what_it_learned_to_what_came() -> None:
    keras.utils.set_random_seed(0)
    model = get_network("residual").build(2, 16, 16, 1)
    names = ("stem_relu", "stage_1_shortcut_norm", "stage_1_b_norm", "stage_1_relu_2")
    outputs = [model.get_layer(name).output for name in names]
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 1)).astype(np.float32)
    _, shortcut, learned, out = (
        tensor.numpy() for tensor in keras.Model(model.inputs[0], outputs)(images, training=False)
    )
    np.testing.assert_allclose(out, np.maximum(shortcut + learned, 0), atol=1e-6)


def test_the_output_is_finite_logits(built: Built) -> None:
    assert built.logits.shape == (3, 10)
    assert np.isfinite(built.logits).all()
    last = built.model.layers[-1]
    assert isinstance(last, keras.layers.Dense)
    assert activation(last) == "linear"
    assert not np.allclose(built.logits.sum(axis=1), 1)


def test_pixel_values_are_rescaled_inside(built: Built) -> None:
    first = built.model.layers[0 if isinstance(built.model, keras.Sequential) else 1]
    assert isinstance(first, keras.layers.Rescaling)
    assert built.model.inputs[0].dtype == "float32"
    darkest, brightest = (float(first(np.float32(value))) for value in (0, 255))
    assert (darkest, brightest) == pytest.approx(built.network.value_range)


def test_a_saved_network_loads_safely_and_answers_the_same(built: Built) -> None:
    loaded = keras.models.load_model(built.folder / "model.keras", safe_mode=True)
    images = built.images.astype(np.float32)
    np.testing.assert_array_equal(loaded(images, training=False).numpy(), built.logits)
    modules = {type(layer).__module__.split(".")[0] for layer in loaded._flatten_layers()}
    assert modules == {"keras"}


def test_the_exported_form_answers_the_same(built: Built) -> None:
    export = export_openvino(built.model, built.folder, built.images)
    assert export is not None
    assert export.max_abs_dp <= MAX_ABS_DP == 1e-3


@pytest.mark.parametrize("explainer", EXPLAINERS, ids=lambda explainer: explainer.id)
def test_every_explainer_works_for_every_network(built: Built, explainer) -> None:
    model = ExplainableModel(built.model)
    if built.network.id == "mlp":
        assert explainer.supports(model) == "Grad-CAM needs a convolution, and this model has none."
        return
    assert explainer.supports(model) is None
    maps = explainer.explain(model, built.images, 3)
    assert maps.dtype == np.float32
    assert maps.ndim == 3
    assert len(maps) == 3
    assert np.isfinite(maps).all()
    assert 0 <= maps.min() <= maps.max() <= 1


FREE = [network for network in NETWORKS if network.free_input]


@pytest.mark.parametrize("network", FREE, ids=lambda network: network.id)
@pytest.mark.parametrize(("side", "channels"), [(16, 1), (48, 3)])
def test_a_free_input_is_free(network: Network, side: int, channels: int) -> None:
    model = network.build(2, side, side, channels)
    logits = model(np.zeros((1, side, side, channels), np.float32), training=False).numpy()
    assert logits.shape == (1, 2)
    assert np.isfinite(logits).all()


def test_ids_are_unique_and_an_unknown_one_names_them() -> None:
    assert len({network.id for network in NETWORKS}) == len(NETWORKS)
    with pytest.raises(InvalidInput, match=r"“alexnet”.*doc-000.*residual"):
        get_network("alexnet")


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_every_entry_describes_itself(network: Network) -> None:
    assert network.label
    assert network.description.endswith(".")
    if not network.free_input:
        assert f"{network.height}×{network.width}" in network.description
