"""Comparing runs over REST."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from dashboard.api.app import create_api
from dashboard.core.data.importer import import_dataset
from tests.finished_runs import finished_run

CLIENT = TestClient(Starlette(routes=[Mount("/api", create_api())]), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def ids(module_home: Path) -> list[str]:
    digits = import_dataset("digits")
    return [finished_run(digits, range(n), epochs=n) for n in (40, 1, 2)]


def compare(ids: str) -> httpx.Response:
    return CLIENT.get("http://127.0.0.1:8501/api/v1/runs/compare", params={"ids": ids})


def test_a_comparison_names_the_better_one_and_the_noise(ids: list[str]) -> None:
    answer = compare(",".join(ids))
    assert answer.status_code == 200
    found = answer.json()
    assert [run["id"] for run in found["runs"]] == ids
    assert found["best"] == ids[1]
    assert found["parameters"] == {"epochs": ["40", "1", "2"]}
    accuracy = found["runs"][0]["metrics"][0]
    assert (accuracy["name"], accuracy["n"]) == ("accuracy", 180)
    assert accuracy["value"] == pytest.approx(140 / 180)
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]
    verdicts = {(pair["first"], pair["second"]): pair["test"] for pair in found["pairs"]}
    assert verdicts[ids[0], ids[1]]["verdict"] == "second"
    assert verdicts[ids[0], ids[1]]["agreement"] == {
        "both": 140, "only_first": 0, "only_second": 39, "neither": 1,
    }  # fmt: skip
    assert verdicts[ids[1], ids[2]]["verdict"] == "noise"
    assert verdicts[ids[1], ids[2]]["p_corrected"] == 1


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ("", 422, "number_of_runs"),
        ("{0}", 422, "number_of_runs"),
        ("{0},{0}", 422, "number_of_runs"),
        ("{0},../x", 404, "run_not_found"),
        ("{0}," + "0" * 32, 404, "run_not_found"),
        (",".join("abcdefg"), 422, "number_of_runs"),
    ],
)
def test_what_cannot_be_compared(ids: list[str], given: str, status: int, code: str) -> None:
    answer = compare(given.format(*ids))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_the_answer_has_a_schema() -> None:
    schema = CLIENT.get("http://127.0.0.1:8501/api/openapi.json").json()
    route = schema["paths"]["/v1/runs/compare"]["get"]
    reference = route["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert reference.endswith("/Comparison")
    assert "verdict" in schema["components"]["schemas"]["PairedTest"]["properties"]
