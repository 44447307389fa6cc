"""The views Augment and Input of the page Explore."""

from __future__ import annotations

import tomllib

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.data.augmentation.catalog import AUGMENTATIONS
from tests.pages.conftest import open_page


def captions(test: AppTest) -> list[str]:
    """What is written under the pictures."""
    return [item.caption for images in test.get("image") for item in images.proto.imgs]


def chosen(test: AppTest) -> list[str]:
    return test.multiselect(key="augment-chosen").value


@pytest.mark.usefixtures("full")
def test_without_an_engine_the_lab_says_so() -> None:
    test = open_page("explore", view="augment", augment="flip:1")
    assert "restarting" in test.error[0].value
    assert tomllib.loads(test.code[0].value) == {"augmentation": {"flip": 1.0}}


@pytest.mark.usefixtures("running_engine")
def test_images_are_shown_with_the_labels_they_would_carry() -> None:
    test = open_page("explore", view="augment")
    assert "Choose an augmentation" in test.info[0].value
    plain = captions(test)
    assert len(plain) == 4
    assert len(set(plain)) == 4  # the classes take turns

    test = open_page("explore", view="augment", augment="mixup:1")
    assert not test.info
    shown = captions(test)
    assert shown[::5] == plain
    assert len(shown) == 20
    assert any("%) · " in label for label in shown)
    assert "nothing to measure" in test.caption[-1].value
    assert captions(open_page("explore", view="augment", augment="mixup:1")) == shown

    next(button for button in test.button if button.label == "Other images").click().run()
    assert test.query_params["seed"] == "1"
    assert captions(test) != shown


@pytest.mark.usefixtures("running_engine")
def test_measuring_warns_of_mirrored_digits_and_not_of_a_little_light() -> None:
    test = open_page("explore", view="augment", augment="flip:1,brightness:0.05")
    assert not test.warning
    next(button for button in test.button if button.label == "Measure").click().run()
    assert "Mirror turns the model's right answer into a wrong one on" in test.warning[0].value
    assert "Brightness" not in test.warning[0].value
    assert test.query_params["measured"] == "digits/flip:1,brightness:0.05"
    assert len(test.table[0].value) == 3  # each alone, and together
    # Another strength was not measured.
    test.slider(key="augment-brightness").set_value(0.5).run()
    assert not test.warning
    assert test.query_params["augment"] == "flip:1,brightness:0.5"


@pytest.mark.usefixtures("full")
def test_a_choice_stands_in_the_url_and_strange_ones_are_passed_over() -> None:
    test = open_page(
        "explore", view="augment", augment="rotation:0.1,blur:1,flip:9,hue:nan,zoom:,noise:0"
    )
    assert chosen(test) == ["rotation", "noise"]
    test.multiselect(key="augment-chosen").set_value(["rotation", "crop"]).run()
    assert test.query_params["augment"] == "rotation:0.1,crop:0.18"
    assert tomllib.loads(test.code[0].value) == {"augmentation": {"rotation": 0.1, "crop": 0.18}}
    test.multiselect(key="augment-chosen").set_value([]).run()
    assert test.query_params["augment"] == ""
    assert not test.code


@pytest.mark.usefixtures("full")
def test_grey_images_are_offered_no_colour() -> None:
    grey = open_page("explore", view="augment", input="model:digits", augment="hue:1")
    assert chosen(grey) == []
    colour = open_page("explore", view="augment", input="doc-003", augment="hue:1")
    assert chosen(colour) == ["hue"]
    boxes = [len(test.multiselect[0].options) for test in (grey, colour)]
    assert boxes == [len(AUGMENTATIONS) - 2, len(AUGMENTATIONS)]


@pytest.mark.usefixtures("full")
def test_the_input_shows_every_step_with_its_numbers() -> None:
    test = open_page("explore", view="input")
    shown = captions(test)
    assert len(shown) == 9
    assert "8 × 8 × 3, from 0 to 255" in shown[0]
    assert "28 × 28 × 1, from 0" in shown[1]
    assert "from -1 to" in shown[2]
    texts = " ".join(item.value for item in test.markdown)
    assert "28 × 28 pixels" in texts
    assert "turns 0 into -1 and 255 into 1" in texts
    other = open_page("explore", view="input", input="doc-000")
    assert "224 × 224 × 3, from 0 to" in captions(other)[2]
