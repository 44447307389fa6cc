"""Sweeps over REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.api.app import create_api
from dashboard.core.runs import queue, tracking
from dashboard.core.settings import settings
from dashboard.core.sweeps.driver import Driver
from tests.core.sweeps.conftest import digits, empty_store, sweep_home
from tests.core.sweeps.synthetic import accuracy, work

__all__ = ["digits", "empty_store", "sweep_home"]

BODY: dict[str, Any] = {
    "network": "doc-001",
    "epochs": 3,
    "sweep": {"name": "rates", "method": "grid"},
    "search": {"learning_rate": [0.5, 0.1, 0.01, 0.001]},
}


@pytest.fixture
def http(sweep_home: Path) -> TestClient:
    return TestClient(create_api(), base_url="http://127.0.0.1")


def test_from_the_start_to_the_best(http: TestClient) -> None:
    assert http.get("/v1/sweeps").json() == []
    made = http.post("/v1/sweeps", json=BODY)
    assert made.status_code == 201
    sweep_id = made.json()["id"]
    assert made.json() | {"id": "", "created": 0, "toml": ""} == {
        "id": "", "name": "rates", "status": "running", "created": 0, "error": None,
        "method": "grid", "n_trials": 4, "toml": "", "trials": [], "best": None, "importances": {},
    }  # fmt: skip
    driver = Driver()
    for _ in range(10):
        driver.look()
        for run in queue.queue():
            work(run, driver.look)
    found = http.get(f"/v1/sweeps/{sweep_id}").json()
    assert found["status"] == "finished"
    assert [trial["number"] for trial in found["trials"]] == [3, 2, 4, 1]
    assert found["best"] == found["trials"][0]
    assert found["best"]["val_accuracy"] == accuracy(0.01, 3)
    assert found["best"]["values"] == {"learning_rate": 0.01}
    assert found["importances"] == {"learning_rate": 1.0}
    run = http.get(f"/v1/runs/{found['best']['run_id']}").json()
    assert run["recipe"]["learning_rate"] == "0.01"
    listed = http.get("/v1/sweeps").json()
    assert [(item["id"], item["status"]) for item in listed] == [(sweep_id, "finished")]


def test_stop_and_resume(http: TestClient) -> None:
    sweep_id = http.post("/v1/sweeps", json=BODY).json()["id"]
    assert http.post(f"/v1/sweeps/{sweep_id}/stop").json()["status"] == "stopping"
    Driver().look()
    assert http.get(f"/v1/sweeps/{sweep_id}").json()["status"] == "stopped"
    again = http.post(f"/v1/sweeps/{sweep_id}/stop")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "sweep_ended")
    assert http.post(f"/v1/sweeps/{sweep_id}/resume").json()["status"] == "running"
    assert http.post(f"/v1/sweeps/{sweep_id}/resume").status_code == 409


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"search": {}}, 422, "invalid_sweep"),
        ({"search": {"learning_rates": [1]}}, 422, "invalid_sweep"),
        ({"search": {"epochs": [0]}}, 422, "invalid_recipe"),
        ({"sweep": {"method": "grid", "trials": 3}}, 422, "grid_too_large"),
        ({"dataset": "cats"}, 404, "dataset_not_found"),
    ],
)
def test_what_is_wrong(http: TestClient, change: dict, status: int, code: str) -> None:
    answer = http.post("/v1/sweeps", json=BODY | change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"].endswith(".")
    assert http.get("/v1/sweeps").json() == []
    assert tracking.list_runs() == []


def test_unknown_and_not_an_object(http: TestClient) -> None:
    for address in ("000000000000", "x", "%2e%2e"):
        assert http.get(f"/v1/sweeps/{address}").status_code == 404
        assert http.post(f"/v1/sweeps/{address}/stop").status_code == 404
    assert http.post("/v1/sweeps", json=[1]).status_code == 422


@pytest.mark.parametrize("path", ["", "/000000000000/stop", "/000000000000/resume"])
def test_changes_are_refused_in_a_demo_and_from_elsewhere(
    http: TestClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    foreign = http.post(f"/v1/sweeps{path}", json=BODY, headers={"Origin": "http://evil.example"})
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "foreign_origin")
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    refused = http.post(f"/v1/sweeps{path}", json=BODY)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "demo")
    assert http.get("/v1/sweeps").status_code == 200
