"""A range test on the page Train: what it found, and a recipe with the rate it suggests."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Point
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe
from dashboard.core.training.schedules import rates
from tests.pages.conftest import click, open_page

pytestmark = pytest.mark.usefixtures("full")
N = 200


def ended(losses: np.ndarray, rate: np.ndarray) -> str:
    recipe = Recipe(schedule="range_test", learning_rate=1.0, batch_size=64)
    run_id = submit(recipe, status="RUNNING")
    values = {"loss": losses, "learning_rate": rate, "accuracy": np.zeros(N)}
    points = [
        Point(key, step, float(value), 0)
        for key, curve in values.items()
        for step, value in enumerate(curve, 1)
    ]
    tracking.log_points(run_id, points)
    tracking.set_status(run_id, "FINISHED")
    return run_id


def falling() -> str:
    """Its loss falls fastest at 0.001 and is lowest near 0.1."""
    rate = rates("range_test", 1.0, 0, N)
    places = np.log10(rate / 1e-3)
    return ended(np.log(10) - 1.5 / (1 + np.exp(-4 * places)) + 4 * rate**2, rate)


def said(test: AppTest) -> str:
    return " ".join(item.value for item in test.markdown)


def number(test: AppTest, label: str) -> float:
    return next(item.value for item in test.number_input if item.label == label)


def test_it_suggests_a_rate_and_clones_with_it() -> None:
    run_id = falling()
    test = open_page("train", run=run_id)
    assert "falls fastest at a learning rate of 0\\.00" in said(test)
    assert "Smith 2015" in said(test)
    assert "Above 0\\." in said(test)
    click(test, "Clone with this rate")
    assert test.query_params["from"] == run_id
    assert number(test, "Learning rate") == pytest.approx(1e-3, rel=0.1)
    assert number(test, "Batch size") == 64
    schedule = next(item for item in test.selectbox if item.label == "Schedule")
    assert schedule.value == "constant"
    click(test, "Start")
    started = tracking.list_runs()[0]
    assert float(started.params["learning_rate"]) == pytest.approx(1e-3, rel=0.1)
    assert "rate" not in test.query_params
    tracking.set_status(started.id, "KILLED")


def test_a_loss_that_never_fell_suggests_none() -> None:
    test = open_page("train", run=ended(np.full(N, 2.3), rates("range_test", 1.0, 0, N)))
    assert "fell at no learning rate" in said(test)
    assert not [button for button in test.button if button.label == "Clone with this rate"]


def test_a_rate_in_the_address_that_is_none_is_one_sentence() -> None:
    test = open_page("train", **{"from": falling(), "rate": "fast"})
    assert any("learning\\_rate" in error.value for error in test.error)
    assert number(test, "Learning rate") == Recipe().learning_rate


def test_in_chinese_nothing_is_left_in_english() -> None:
    shown = said(open_page("train", run=falling(), lang="zh"))
    assert "损失下降最快" in shown
    assert "超过" in shown
