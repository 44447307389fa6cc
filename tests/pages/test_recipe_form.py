"""What the form of the page Train begins with, and the recipe it makes."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.runs import tracking
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import RECIPES as FOLDER
from dashboard.core.training.recipe import parse_recipe, parse_toml, recipe_text
from tests.pages.conftest import click, open_page


def start(test: AppTest) -> Any:
    return next(box for box in test.selectbox if box.label == "Start from")


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
    start(test).set_value("digits").run()
    assert "augment" not in test.query_params
    assert test.multiselect(key="augment-chosen").value[:2] == ["rotation", "translation"]
    assert test.slider(key="augment-rotation").value == 0.04


RECIPES: dict[str, dict[str, Any]] = {
    "everything but the defaults": {
        "network": "residual", "image_size": 20, "channels": 1, "epochs": 3, "batch_size": 7,
        "optimizer": "adamw", "learning_rate": 0.0123, "schedule": "one_cycle", "warmup": 0.1,
        "loss": "focal", "label_smoothing": 0.1, "weight_decay": 0.02, "l2": 1e-5, "ema": 0.9,
        "early_stopping": 2, "class_weights": "balanced", "seed": 9,
        "augmentation": {"rotation": 0.07, "mixup": 0.3},
    },
    "transfer": {
        "network": "transfer:model:digits", "epochs": 4, "frozen_epochs": 3, "unfreeze": 2,
    },
}  # fmt: skip


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("name", RECIPES)
def test_a_clone_and_its_link_repeat_a_run(name: str) -> None:
    recipe = parse_recipe(RECIPES[name])
    first = submit(recipe)
    test = open_page("train", run=first, augment="flip:1")
    click(test, "", key="clone")
    assert test.query_params["from"] == first
    assert "augment" not in test.query_params
    link = {"from": first, "run": first}
    test = click(open_page("train", **link), "Start")
    second = test.query_params["run"]
    assert "from" not in test.query_params
    assert second != first
    assert parse_toml(tracking.recipe_of(second)) == recipe
    for run_id in (first, second):
        tracking.set_status(run_id, "KILLED")


@pytest.mark.usefixtures("full")
def test_a_run_is_repeated_with_a_change() -> None:
    first = submit(parse_recipe({"network": "doc-001", "batch_size": 50}))
    test = open_page("train", **{"from": first})
    next(item for item in test.number_input if item.label == "Epochs").set_value(3).run()
    changed = parse_toml(tracking.recipe_of(click(test, "Start").query_params["run"]))
    assert changed == parse_recipe({"network": "doc-001", "batch_size": 50, "epochs": 3})
    for run in tracking.list_runs(tracking.ACTIVE):
        tracking.set_status(run.id, "KILLED")


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("given", ["0" * 32, "nothing-like-it", str(FOLDER / "fast.toml")])
def test_a_start_that_is_not_there_is_one_sentence(given: str) -> None:
    test = open_page("train", **{"from": given})
    assert "There is no" in test.error[0].value
    assert start(test).value == given
    assert [button for button in test.button if button.label == "Start"]


def test_a_run_is_a_recipe_for_the_command_line(full: object) -> None:
    run_id = submit(parse_recipe({"network": "doc-002", "epochs": 4}), status="FINISHED")
    assert parse_toml(recipe_text(run_id)).epochs == 4
