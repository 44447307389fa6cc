"""The views of the page Explore beyond the gallery."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.data.versions import restore
from dashboard.core.quality import job
from dashboard.core.quality.results import load
from tests import archives
from tests.pages.conftest import open_page
from tests.waiting import wait_for


@pytest.mark.usefixtures("full")
def test_the_map_waits_for_the_quality_check() -> None:
    test = open_page("explore", view="map")
    assert "Start it under Quality" in test.info[0].value


@pytest.mark.usefixtures("full")
def test_mean_images_wait_for_the_quality_check() -> None:
    test = open_page("explore", view="statistics")
    assert "Start it under Quality" in test.info[0].value


@pytest.mark.usefixtures("full")
def test_the_quality_check_runs_and_a_fault_is_taken_out(full: Path) -> None:
    test = open_page("explore", view="quality")
    next(button for button in test.button if button.label == "Check the quality").click().run()
    dataset = get_dataset("digits")
    wait_for(lambda: job.state(dataset).status != "running", 150)
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


@pytest.mark.usefixtures("checked")
def test_statistics_say_what_is_equal_and_count_the_rest() -> None:
    test = open_page("explore", view="statistics", **{"class": "3"})
    texts = [item.value for item in test.markdown]
    assert "All these images have 8 × 8 pixels." in texts
    assert "All these images have the same file format: PNG." in texts
    charts = [json.loads(item.proto.spec) for item in test.get("plotly_chart")]
    titles = [chart["layout"]["title"]["text"] for chart in charts]
    assert titles == ["brightness", "contrast", "sharpness", "file size in bytes"]
    table = test.dataframe[0].value
    assert table["class"].tolist() == ["all classes", *"0123456789"]
    mean = get_dataset("digits").index["brightness"].mean()
    assert table["red, mean"][0] == pytest.approx(mean, abs=1)  # grey, enlarged to 32×32
    assert table["red, mean"].tolist() == table["blue, mean"].tolist()


@pytest.mark.usefixtures("checked")
def test_the_map_is_coloured_by_class_or_by_flag() -> None:
    names = [trace["name"] for trace in _map(open_page("explore", view="map"))["data"]]
    assert names == list("0123456789")
    traces = _map(open_page("explore", view="map", colour="flag"))["data"]
    assert traces[0]["name"] == "no flag"
    assert "Outliers" in [trace["name"] for trace in traces]


def _map(test: AppTest) -> dict[str, Any]:
    chart: dict[str, Any] = json.loads(test.get("plotly_chart")[0].proto.spec)
    return chart


def test_the_report_counts_by_reason_class_and_split(
    home: Path, tmp_path: Path, bare: Path
) -> None:
    path = tmp_path / "torn.zip"
    torn = archives.picture(1)[:60]
    files = [(f"{split}/{name}", content) for split in ("train", "val", "test")
             for name, content in archives.pets()]  # fmt: skip
    path.write_bytes(archives.packed([*files, ("train/cat/torn.png", torn)]))
    import_dataset(path)
    reasons, classes, names = (item.value for item in open_page("explore").dataframe)
    assert reasons["files left out"].tolist() == [1]
    cat = classes.set_index("class").loc["cat"].to_dict()
    assert (cat["training, kept"], cat["training, left out"]) == (4, 1)
    assert classes.set_index("class").loc["dog", "training, left out"] == 0
    assert names["file"].tolist() == ["train/cat/torn.png"]
