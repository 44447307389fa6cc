"""The views of the page Explore beyond the gallery."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dashboard.core.data.store import get_dataset
from dashboard.core.data.versions import restore
from dashboard.core.quality import job
from dashboard.core.quality.results import load
from tests.pages.conftest import open_page


@pytest.mark.usefixtures("full")
def test_the_map_waits_for_the_quality_check() -> None:
    test = open_page("explore", view="map")
    assert "Start it under Quality" in test.info[0].value


@pytest.mark.usefixtures("full")
def test_the_quality_check_runs_and_a_fault_is_taken_out(full: Path) -> None:
    test = open_page("explore", view="quality")
    next(button for button in test.button if button.label == "Check the quality").click().run()
    dataset = get_dataset("digits")
    deadline = time.monotonic() + 150
    while job.state(dataset).status == "running":
        assert time.monotonic() < deadline
        time.sleep(0.3)
    quality = load(dataset)
    assert quality is not None
    found = quality.found("near_duplicate")
    assert found is not None

    test = open_page("explore", view="quality", fault="near_duplicate")
    assert not test.error
    next(button for button in test.button if button.key == "exclude").click().run()
    changed = get_dataset("digits")
    assert changed.version != dataset.version
    assert changed.report.kept == dataset.report.kept - found.n
    restore("digits", dataset.version)

    assert not open_page("explore", view="map").info
