"""Augmentation in the form of the page Train."""

from __future__ import annotations

import tomllib

import pytest

from dashboard.core.runs import tracking
from tests.pages.conftest import open_page


@pytest.mark.usefixtures("full")
def test_train_takes_what_was_tuned() -> None:
    test = open_page("train", augment="flip:1,mixup:0.4")
    assert test.multiselect(key="augment-chosen").value == ["flip", "mixup"]
    next(button for button in test.button if button.label == "Start").click().run()
    run = tracking.list_runs()[0]
    assert tomllib.loads(tracking.recipe_of(run.id))["augmentation"] == {
        "flip": 1.0,
        "mixup": 0.4,
    }
    tracking.set_status(run.id, "KILLED")


@pytest.mark.usefixtures("full")
def test_a_preset_brings_its_own_augmentation() -> None:
    test = open_page("train", augment="flip:1")
    test.selectbox(key="preset").set_value("digits").run()
    assert "augment" not in test.query_params
    assert test.multiselect(key="augment-chosen").value[:2] == ["rotation", "translation"]
    assert test.slider(key="augment-rotation").value == 0.04
