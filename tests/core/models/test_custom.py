"""A list of layers is checked as Keras would build it, without Keras."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dashboard.core.errors import Conflict, InvalidInput, LightboxError, NotFound
from dashboard.core.models.custom.building import build
from dashboard.core.models.custom.kinds import KINDS, Choice, Kind
from dashboard.core.models.custom.layer_list import Layer, LayerList, check, parse_layers
from dashboard.core.models.custom.saved import load_layers, save_network, saved_names
from dashboard.core.models.export import export_openvino
from dashboard.core.models.networks import get_network, network_labels

SMALL = [
    {"kind": "conv", "filters": 4, "kernel_size": 3, "padding": "valid"},
    {"kind": "max_pool"},
    {"kind": "flatten"},
    {"kind": "dense", "units": 5},
]


def network(*layers: dict[str, Any], side: int = 12) -> LayerList:
    return parse_layers({"height": side, "width": side, "channels": 1, "layers": list(layers)})


def test_shapes_and_weights_by_hand() -> None:
    rows = check(network(*SMALL), 3)
    assert [row.shape for row in rows] == [(10, 10, 4), (5, 5, 4), (100,), (5,), (3,)]
    assert [row.weights for row in rows] == [4 * 9 + 4, 0, 0, 100 * 5 + 5, 5 * 3 + 3]


def drawn(kind: Kind, rng: random.Random) -> Layer:
    """A layer of this kind with random values of all its parameters."""
    values: dict[str, Any] = {}
    for parameter in kind.parameters:
        if isinstance(parameter, Choice):
            values[parameter.id] = rng.choice(parameter.choices)
        elif isinstance(parameter.default, float):
            values[parameter.id] = rng.uniform(parameter.low, parameter.high)
        else:
            values[parameter.id] = rng.randint(int(parameter.low), min(int(parameter.high), 40))
    return Layer(kind.id, values)


def drawn_network(rng: random.Random) -> LayerList:
    """A random network whose layers follow each other as maps and vectors must."""
    maps = [kind for kind in KINDS if kind.takes != "vector" and kind.id != "flatten"
            and kind.id != "global_average_pool"]  # fmt: skip
    vectors = [kind for kind in KINDS if kind.takes != "map"]
    bridge = [kind for kind in KINDS if kind.id in ("flatten", "global_average_pool")]
    kinds = [rng.choice(maps) for _ in range(rng.randint(0, 5))]
    kinds += [rng.choice(bridge)] + [rng.choice(vectors) for _ in range(rng.randint(0, 3))]
    height, width = rng.randint(8, 40), rng.randint(8, 40)
    return LayerList(height, width, rng.choice([1, 3]), tuple(drawn(kind, rng) for kind in kinds))


def test_keras_builds_what_was_checked() -> None:
    rng = random.Random(0)
    seen: set[str] = set()
    refused = []
    for _ in range(60):
        layers = drawn_network(rng)
        try:
            rows = check(layers, 7)
        except InvalidInput as error:
            refused.append(str(error))
            continue
        seen |= {layer.kind for layer in layers.layers}
        built = build(layers, 7).layers[1:]  # the first rescales
        assert [tuple(layer.output.shape[1:]) for layer in built] == [row.shape for row in rows]
        assert [layer.count_params() for layer in built] == [row.weights for row in rows]
    assert seen == {kind.id for kind in KINDS}
    assert 5 < len(refused) < 40
    assert all("larger than" in sentence for sentence in refused)


@pytest.mark.parametrize("kind", ["conv", "depthwise_conv", "separable_conv"])
def test_what_does_not_fit_is_refused_where_keras_refuses_it(kind: str) -> None:
    window = {"kind": kind, "kernel_size": 9, "padding": "valid"}
    with pytest.raises(InvalidInput, match=r"Layer 1 .*: its window is larger than the 8×8 map"):
        check(network(window, {"kind": "flatten"}, side=8), 2)
    assert check(network(window, {"kind": "flatten"}, side=9), 2)[0].shape[:2] == (1, 1)
    layer = getattr(keras.layers, next(entry.keras for entry in KINDS if entry.id == kind))
    arguments = {"filters": 2} if kind != "depthwise_conv" else {}
    with pytest.raises(ValueError, match=r"negative|non-positive|dimension"):
        layer(kernel_size=9, padding="valid", **arguments)(keras.Input((8, 8, 1)))


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ([{"kind": "dense"}], r"Layer 1 \(dense\): it takes a vector.*`flatten`"),
        ([{"kind": "flatten"}, {"kind": "conv"}], r"Layer 2 \(conv\): it takes a map"),
        ([{"kind": "flatten"}, {"kind": "flatten"}], r"Layer 2 \(flatten\): it takes a map"),
        ([{"kind": "conv"}], "ends in a map"),
        ([], "ends in a map"),
        ([{"kind": "conv", "filters": 0}], r"Layer 1 \(conv\): `filters`.*from 1 to 1024.*0"),
        ([{"kind": "conv", "filters": 2.5}], r"`filters` must be a number .*whole.*2\.5"),
        ([{"kind": "conv", "filters": True}], "`filters` must be a number"),
        ([{"kind": "conv", "padding": "full"}], "`padding` must be one of same, valid"),
        ([{"kind": "dropout", "rate": 1.0}], r"`rate`.*from 0\.0 to 0\.9"),
        ([{"kind": "conv", "colour": 1}], r"no parameter “colour”\. Its parameters: filters"),
        ([{"kind": "lambda"}], "no kind of layer “lambda”"),
        ([{"filters": 3}], "Layer 1 has no `kind`"),
        ([{"kind": "dropout"}] * 65, "up to 64 layers; received 65"),
        (
            [{"kind": "conv", "filters": 1024}, {"kind": "flatten"},
             {"kind": "dense", "units": 4096}],
            "weights, and at most 100,000,000",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(layers: list[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        check(network(*layers), 2)


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"layers": {}}, {"height": 4, "width": 8, "channels": 1, "layers": []},
     {"height": 8, "width": 8, "channels": 2, "layers": []},
     {"height": "8", "width": 8, "channels": 1, "layers": []}],
)  # fmt: skip
def test_what_is_no_network(data: Any) -> None:
    with pytest.raises(InvalidInput):
        parse_layers(data)


def test_a_saved_network_is_one_of_the_catalogue(home: Path, tmp_path: Path) -> None:
    assert "custom:网络_1" not in network_labels()
    assert save_network("网络_1", network(*SMALL)) == "custom:网络_1"
    assert network_labels()["custom:网络_1"] == "custom:网络_1"
    assert load_layers("网络_1") == network(*SMALL)
    entry = get_network("custom:网络_1")
    assert (entry.height, entry.width, entry.channels, entry.free_input) == (12, 12, 1, False)
    model = entry.build(3, 12, 12, 1)
    model.save(tmp_path / "model.keras")
    images = np.random.default_rng(0).integers(0, 256, (3, 12, 12, 1), np.uint8)
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded(images.astype(np.float32)).shape == (3, 3)
    assert export_openvino(model, tmp_path, images) is not None


def test_a_name_stands_for_one_network(home: Path) -> None:
    save_network("mine", network(*SMALL))
    save_network("mine", network(*SMALL))
    with pytest.raises(Conflict, match="another network “mine”"):
        save_network("mine", network(*SMALL, {"kind": "dropout"}))
    assert saved_names() == ["mine"]
    with pytest.raises(InvalidInput, match="takes a vector"):
        save_network("broken", network({"kind": "dense"}))
    with pytest.raises(InvalidInput, match="a/b"):
        save_network("a/b", network(*SMALL))
    assert saved_names() == ["mine"]


@pytest.mark.parametrize("network_id", ["custom:nobody", "custom:../mlflow", "custom:"])
def test_an_unknown_network_names_the_choices(home: Path, network_id: str) -> None:
    save_network("mine", network(*SMALL))
    with pytest.raises(NotFound, match=r"Saved ones: mine\."):
        get_network(network_id)


def test_a_damaged_file_is_one_sentence(home: Path) -> None:
    save_network("mine", network(*SMALL))
    (home / "networks" / "mine.json").write_text('{"layers": [')
    with pytest.raises(LightboxError, match="“mine” is damaged"):
        get_network("custom:mine")
