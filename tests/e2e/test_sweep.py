"""A real sweep of eight runs whose driver is killed on the way, and its plots in a real browser."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import shot
from tests.server import HTTP, Lightbox
from tests.waiting import wait_for

SWEEP = {
    "network": "doc-001",
    "epochs": 3,
    "sweep": {"name": "eight", "method": "asha", "trials": 8},
    "search": {
        "learning_rate": {"low": 1e-5, "high": 0.3, "log": True},
        "optimizer": ["adam", "momentum"],
    },
}


@pytest.fixture
def own_lightbox(tmp_path: Path) -> Iterator[Lightbox]:
    """A Lightbox that the test may kill."""
    with Lightbox(tmp_path / "home").running() as server:
        yield server


def sweep(server: Lightbox, sweep_id: str) -> dict[str, Any]:
    found: dict[str, Any] = HTTP.get(f"{server.url}/api/v1/sweeps/{sweep_id}").json()
    return found


def in_chart(page: Page, kind: str) -> Any:
    """The data of the first figure of this kind on the page."""
    return page.evaluate(
        "kind => [...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => chart.data)"
        ".filter(trace => trace.type === kind).map(trace => kind === 'parcoords'"
        " ? trace.dimensions.map(side => [side.label, [...side.values]])"
        " : [...trace.y])[0]",
        kind,
    )


@pytest.mark.timeout(1200)
def test_eight_runs_with_their_plots(page: Page, own_lightbox: Lightbox) -> None:
    server = own_lightbox
    sweep_id = HTTP.post(f"{server.url}/api/v1/sweeps", json=SWEEP).json()["id"]
    wait_for(
        lambda: any(
            t["state"] == "running" and t["number"] == 3 for t in sweep(server, sweep_id)["trials"]
        ),
        900,
    )
    before = {t["number"]: t["run_id"] for t in sweep(server, sweep_id)["trials"]}
    server.stop(signal.SIGKILL)  # the driver with it; the run goes on
    server.start()
    page.goto(f"{server.url}/train?sweep={sweep_id}")
    expect(page.get_by_text("of 8 runs have ended")).to_be_visible(timeout=60_000)
    shot(page, "sweep-running")
    wait_for(lambda: sweep(server, sweep_id)["status"] == "finished", 900)

    found = sweep(server, sweep_id)
    assert sorted(t["number"] for t in found["trials"]) == list(range(1, 9))
    assert before.items() <= {t["number"]: t["run_id"] for t in found["trials"]}.items()
    runs = HTTP.get(f"{server.url}/api/v1/runs").json()
    assert len(runs) == 8  # none lost, none twice
    assert {t["state"] for t in found["trials"]} <= {"finished", "pruned", "failed"}
    assert found["best"]["val_accuracy"] > 0.8

    expect(page.get_by_text("8 of 8 runs have ended")).to_be_visible(timeout=60_000)
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot').length >= 2")
    lines = dict(in_chart(page, "parcoords"))
    measured = [t for t in found["trials"] if t["val_accuracy"] is not None]
    assert list(lines) == ["Learning rate", "Optimiser", "validation accuracy"]
    assert sorted(lines["validation accuracy"]) == sorted(t["val_accuracy"] for t in measured)
    assert set(lines["Optimiser"]) <= {0, 1}
    assert all(-5 <= value <= -0.5 for value in lines["Learning rate"])  # as powers of ten
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    shot(page, "sweep-finished")

    page.get_by_role("button", name="Clone the best recipe").click()
    rate = page.get_by_role("spinbutton", name="Learning rate", exact=True)
    expect(rate).to_have_value(f"{found['best']['values']['learning_rate']:.5f}", timeout=60_000)
    page.get_by_role("link", name="Open the run").click()
    expect(page.get_by_text("of the sweep “eight”")).to_be_visible(timeout=60_000)
