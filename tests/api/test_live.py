"""The route that a page asks several times a second."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.api.app import create_api
from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Point

CLIENT = TestClient(create_api(), base_url="http://127.0.0.1:8501")


@pytest.fixture(scope="module")
def run_id(module_home: Path) -> str:
    found = tracking.create_run("a", "", {"batch_size": 10}, "RUNNING")
    tags = {"stage": "training", "epochs": "2", "steps_per_epoch": "5"}
    tracking.set_tags(found, tags)
    points = [Point("loss", step, step / 7, 0) for step in range(1, 8)]
    more = {"accuracy": 0.25, "images_per_second": 20.0, "memory_mb": 900.0, "epoch": 1}
    more |= {"val_loss": 0.5}
    points += [Point(key, 5, value, 0) for key, value in more.items()]
    tracking.log_points(found, points)
    return found


def test_everything_at_first(run_id: str) -> None:
    told = CLIENT.get(f"/v1/runs/{run_id}/live?key=loss&key=accuracy&key=nothing").json()
    assert (told["stage"], told["stage_count"]) == ("training", "")
    assert [told[key] for key in ("epoch", "epochs", "step", "steps")] == [2, 2, 7, 10]
    assert told["images_per_second"] == 20
    assert told["seconds_left"] == [1.5, 1.5]
    assert (told["memory_mb"], told["gpu_memory_mb"]) == (900, None)
    assert told["stretch"] == 1
    assert set(told["curves"]) == {"loss", "accuracy"}
    assert told["curves"]["loss"]["batches"][0] == [1, 0.14286]
    assert told["curves"]["loss"]["epochs"] == [[5, 0.5]]


def test_then_what_is_new(run_id: str) -> None:
    told = CLIENT.get(f"/v1/runs/{run_id}/live?key=loss&since_step=6&stretch=1").json()
    curves = told["curves"]["loss"]
    assert [step for step, _ in curves["batches"]] == [7]
    assert [step for step, _ in curves["smoothed"]] == [7]
    assert curves["epochs"] == [[5, 0.5]]
    told = CLIENT.get(f"/v1/runs/{run_id}/live?key=loss&since_step=6&stretch=2").json()
    assert len(told["curves"]["loss"]["batches"]) == 7


def test_wrong_questions(run_id: str) -> None:
    assert CLIENT.get(f"/v1/runs/{'0' * 32}/live").status_code == 404
    assert CLIENT.get(f"/v1/runs/{run_id}/live?since_step=-1").status_code == 422
