"""What is counted, by hand, and that the file of figures is the catalogue's."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from dashboard.core.models.backbones import BACKBONES
from dashboard.core.models.cost import flops, largest_activation_bytes
from dashboard.core.models.facts import fact_sheet
from dashboard.core.models.networks import NETWORKS, Network


def sequence(*parts: keras.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, 3)), *parts])


@pytest.mark.parametrize(
    ("layer", "multiply_adds"),
    [
        (layers.Conv2D(4, 3), 6 * 6 * 4 * (3 * 3 * 3)),
        (layers.Conv2D(4, 3, strides=2, padding="same"), 4 * 4 * 4 * (3 * 3 * 3)),
        (layers.Conv2D(6, 3, groups=3, padding="same"), 8 * 8 * 6 * (3 * 3 * 1)),
        (layers.DepthwiseConv2D(3, padding="same"), 8 * 8 * 3 * (3 * 3)),
        (layers.SeparableConv2D(5, 3), 6 * 6 * (3 * 3 * 3 + 3 * 5)),
        (layers.Dense(2), 8 * 8 * 3 * 2),
        (layers.Flatten(), 0),
        (layers.BatchNormalization(), 0),
    ],
    ids=lambda value: value.name if isinstance(value, keras.Layer) else "",
)
def test_operations_by_hand(layer: keras.Layer, multiply_adds: int) -> None:
    assert flops(sequence(layer)) == 2 * multiply_adds


def test_attention_multiplies_all_pairs_of_tokens_twice() -> None:
    tokens = keras.Input((5, 8))
    model = keras.Model(tokens, layers.MultiHeadAttention(2, 4)(tokens, tokens))
    assert flops(model) == 2 * (5 * 4 * 8 * 8 + 2 * 5 * 5 * 8)


def test_nested_models_are_counted_too() -> None:
    inner = sequence(layers.Conv2D(4, 3))
    assert flops(sequence(inner, layers.Flatten(), layers.Dense(2))) == 2 * (
        6 * 6 * 4 * 27 + 144 * 2
    )
    assert largest_activation_bytes(sequence(inner, layers.Flatten())) == 4 * 6 * 6 * 4
    assert largest_activation_bytes(sequence(sequence(layers.Conv2D(9, 3)))) == 4 * 6 * 6 * 9


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_the_figures_are_those_of_the_catalogue(network: Network) -> None:
    row = next(row for row in fact_sheet().networks if row.id == network.id)
    model = network.build(10, network.height, network.width, network.channels)
    assert (row.height, row.width, row.channels) == model.input_shape[1:]
    assert row.parameters == model.count_params()
    assert row.weights_bytes == 4 * row.parameters
    assert row.flops == flops(model)
    assert row.activation_bytes == largest_activation_bytes(model)
    assert row.cpu_ms > 0


def test_the_figures_agree_with_the_papers() -> None:
    sheet = fact_sheet()
    multiply_adds = {row.id: row.flops / 2 for row in (*sheet.networks, *sheet.backbones)}
    assert multiply_adds["resnet-18"] == pytest.approx(1.8e9, rel=0.02)  # He et al. 2015, table 1
    assert multiply_adds["MobileNetV2"] == pytest.approx(300e6, rel=0.02)  # arXiv 1801.04381
    assert multiply_adds["EfficientNetB0"] == pytest.approx(0.39e9, rel=0.02)  # arXiv 1905.11946


def test_every_entry_has_its_figures() -> None:
    sheet = fact_sheet()
    assert [row.id for row in sheet.networks] == [network.id for network in NETWORKS]
    assert [row.id for row in sheet.backbones] == [backbone.id for backbone in BACKBONES]
    for row, backbone in zip(sheet.backbones, BACKBONES, strict=True):
        assert row.licence == backbone.licence
        assert (row.height, row.channels) == (backbone.side, 3)
        features, rest = divmod(row.parameters - backbone.parameters, 10)  # of ten classes
        assert rest == 0
        assert 500 < features < 5000
