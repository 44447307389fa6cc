"""What the page Train hands to the browser of a run that is active."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Point
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe
from tests.pages.conftest import open_page

pytestmark = pytest.mark.usefixtures("full")


def handed(test: AppTest) -> dict[str, Any]:
    """The data of the component that follows the run."""
    found = [item.proto for item in test.main.get("bidi_component")]
    return json.loads(next(item.json for item in found if item.component_name == "lightbox.live"))


def curves(test: AppTest) -> list[str]:
    """The curves that Plotly draws."""
    return [chart.key for chart in test.get("plotly_chart") if chart.key.startswith("curve-")]


def active(**fields: Any) -> str:
    run_id = submit(Recipe(**fields), status="RUNNING")
    points = [Point(key, step, 1.0, 0) for step in range(1, 9) for key in ("loss", "accuracy")]
    tracking.log_points(run_id, points)
    tracking.set_tags(run_id, {"stage": "training", "epochs": "2", "steps_per_epoch": "45"})
    return run_id


def test_its_curves_are_followed_by_the_browser() -> None:
    run_id = active()
    test = open_page("train", run=run_id)
    data = handed(test)
    assert data["url"] == f"/api/v1/runs/{run_id}/live"
    assert [chart["key"] for chart in data["charts"]] == ["loss", "accuracy"]
    assert data["stages"]["testing"] == "measuring on the test images"
    assert "{step}" in data["texts"]["position"]
    assert not curves(test)
    before = data["revision"]
    assert handed(test.run())["revision"] == before
    tracking.set_tag(run_id, "stage", "testing")
    assert handed(test.run())["revision"] != before
    tracking.set_status(run_id, "KILLED")
    assert curves(test.run()) == ["curve-loss-0", "curve-accuracy-0"]
    assert not list(test.main.get("bidi_component"))


def test_a_range_test_is_followed_by_its_rate() -> None:
    run_id = active(schedule="range_test")
    data = handed(open_page("train", run=run_id, lang="zh"))
    assert data["charts"][2]["against"] == "learning_rate"
    assert data["charts"][2]["title"] == "各学习率下的损失"
    assert data["lang"] == "zh"
    tracking.set_status(run_id, "KILLED")


def test_the_unfrozen_backbone_is_marked() -> None:
    fields = {"network": "transfer:model:digits", "epochs": 2, "frozen_epochs": 1, "unfreeze": 1}
    run_id = active(**fields)
    charts = handed(open_page("train", run=run_id))["charts"]
    assert [chart["mark"] for chart in charts] == 2 * [[45, "backbone unfrozen"]]
    tracking.set_status(run_id, "KILLED")
