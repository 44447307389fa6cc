"""A network is put together on the page Train, and then is one of the catalogue."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.models.custom.saved import load_layers, saved_names
from dashboard.core.settings import settings
from tests.pages.conftest import open_page

LAYERS = [{"kind": "conv", "filters": 8}, {"kind": "flatten"}, {"kind": "dense", "units": 5}]


def design(*layers: dict[str, Any], side: int = 28) -> str:
    return json.dumps({"height": side, "width": side, "channels": 1, "layers": list(layers)})


def kinds(test: AppTest) -> list[str]:
    return [layer["kind"] for layer in json.loads(test.query_params["design"])["layers"]]


def button(test: AppTest, label: str):
    return next(found for found in test.button if found.label == label)


def box(test: AppTest, label: str):
    return next(found for found in test.selectbox if found.label == label)


def number(test: AppTest, label: str):
    return next(found for found in test.number_input if found.label == label)


def total(test: AppTest) -> str:
    return next(
        caption.value for caption in test.caption if "parameters with ten" in caption.value
    ).split()[0]


@pytest.mark.usefixtures("full")
def test_shapes_and_weights_follow_each_change() -> None:
    test = open_page("train", design=design(*LAYERS))
    table = test.dataframe[0].value
    assert list(table["output"]) == ["28 × 28 × 8", "6272", "5", "10"]
    assert list(table["parameters"]) == [80, 0, 6272 * 5 + 5, 60]
    assert total(test) == "31,505"
    number(test, "filters").set_value(4).run()
    assert list(test.dataframe[0].value["parameters"]) == [40, 0, 3136 * 5 + 5, 60]
    number(test, "Height").set_value(14).run()
    assert test.dataframe[0].value["output"].iloc[0] == "14 × 28 × 4"
    assert not test.error


@pytest.mark.usefixtures("full")
def test_layers_are_added_moved_and_removed() -> None:
    test = open_page("train", design=design(*LAYERS), layer="1")
    box(test, "New layer").select("max_pool").run()
    button(test, "Add").click().run()
    assert kinds(test) == ["conv", "max_pool", "flatten", "dense"]
    assert test.query_params["layer"] == "2"
    button(test, "Up").click().run()
    assert kinds(test) == ["max_pool", "conv", "flatten", "dense"]
    assert button(test, "Up").disabled
    button(test, "Down").click().run()
    button(test, "Remove").click().run()
    assert kinds(test) == ["conv", "flatten", "dense"]
    box(test, "Layer").select(2).run()
    assert test.query_params["layer"] == "3"
    assert number(test, "units").value == 5
    assert not test.error


@pytest.mark.usefixtures("full")
def test_what_does_not_fit_is_said_and_cannot_be_saved() -> None:
    test = open_page("train", design=design(LAYERS[0], LAYERS[2]))
    assert "it takes a vector" in test.error[0].value
    assert list(test.dataframe[0].value["output"]) == ["28 × 28 × 8", "?", "?"]
    assert not [found for found in test.button if found.label == "Save"]


@pytest.mark.usefixtures("full")
def test_all_layers_can_go() -> None:
    test = open_page("train", design=design({"kind": "flatten"}))
    button(test, "Remove").click().run()
    assert kinds(test) == []
    assert "ends in a map" in test.error[0].value
    box(test, "New layer").select("flatten").run()
    button(test, "Add").click().run()
    assert kinds(test) == ["flatten"]
    assert not test.error


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("text", ["{", "[]", design({"kind": "lambda"}), design(side=0)])
def test_an_address_that_holds_no_network(text: str) -> None:
    test = open_page("train", design=text)
    assert len(test.error) == 1
    button(test, "Start again").click().run()
    assert not test.error
    assert "design" not in test.query_params


@pytest.mark.usefixtures("full")
def test_a_saved_network_can_be_trained_and_opened() -> None:
    test = open_page("train", design=design(*LAYERS))
    next(field for field in test.text_input if field.label == "Save as").set_value("mine").run()
    button(test, "Save").click().run()
    assert saved_names() == ["mine"]
    assert [layer.kind for layer in load_layers("mine").layers] == ["conv", "flatten", "dense"]
    assert "custom:mine" in box(test, "Network").options
    box(test, "Network").select("custom:mine").run()
    assert any(caption.value == "A network of your own layers." for caption in test.caption)

    other = open_page("train", design=design({"kind": "flatten"}))
    next(field for field in other.text_input if field.label == "Save as").set_value("mine").run()
    button(other, "Save").click().run()
    assert "another network “mine”" in other.error[0].value
    box(other, "Open a saved network").select("mine").run()
    assert kinds(other) == ["conv", "flatten", "dense"]
    (settings().networks / "mine.json").unlink()


@pytest.mark.usefixtures("full")
def test_a_demo_designs_but_does_not_save(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    test = open_page("train", design=design(*LAYERS))
    assert total(test) == "31,505"
    assert not [found for found in test.button if found.label == "Save"]


@pytest.mark.usefixtures("full")
def test_the_networks_are_compared() -> None:
    test = open_page("train")
    networks, backbones = (frame.value for frame in test.dataframe[1:3])
    assert networks.loc["ResNet-20", "parameters"] == 271_098
    assert networks.loc["CNN of document 000", "input"] == "224×224×3"
    assert backbones.loc["VGG16", "licence"] == "CC-BY-4.0"
    assert "gpu_ms" not in networks  # measured without one
