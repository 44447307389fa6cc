"""The page Train with several runs side by side, in every state."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.runs import control, tracking
from dashboard.core.settings import settings
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe
from tests.finished_runs import finished_run, trained_curve
from tests.lit import lit_table
from tests.pages.conftest import click, open_page

pytestmark = pytest.mark.usefixtures("full")


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own for these runs; `full` points Lightbox at it."""
    home = tmp_path_factory.mktemp("compare") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(home))
        settings.cache_clear()
        import_dataset("digits")
    settings.cache_clear()
    return home


@pytest.fixture
def digits(full: Path) -> Dataset:
    return get_dataset("digits")


def headings(test: AppTest) -> list[str]:
    return [item.value for item in test.subheader]


def charts(test: AppTest) -> int:
    """Figures of the comparison; the form above has one too."""
    keys = "-(agreement|interval-.+|compare-.+)$"
    return sum(bool(re.search(keys, item.proto.id)) for item in test.get("plotly_chart"))


def table(test: AppTest, title: str) -> list[list[str]]:
    """The rows of the table whose first column is called so."""
    (found,) = [item.value for item in test.table if item.value.columns[0] == title]
    return found.to_numpy().tolist()


def compared(*run_ids: str, **query: str) -> AppTest:
    return open_page("train", compare=",".join(run_ids), **query)


def test_a_difference_within_noise_is_called_so(digits: Dataset) -> None:
    ids = finished_run(digits, [0, 1, 2], epochs=3), finished_run(digits, [3, 4, 5, 6, 7])
    trained_curve(ids[0], [2.0, 1.5, 1.0, 0.5])
    test = compared(*ids)
    assert not test.error
    assert [item.value for item in test.info] == [
        "Of 180 shared test images, 5 only A and 3 only B got right; p = 0\\.73\\. The difference "
        "of 1\\.1 points \\(−1\\.7 to 4\\.4\\) is within noise\\."
    ]
    assert not test.success
    assert headings(test) == [
        "Which is better?", "Test images", "What differs", "Curves", "Where A and B disagree",
    ]  # fmt: skip
    assert table(test, "parameter") == [["epochs", "3", "10"]]
    rows = table(test, "run")
    assert [row[0] for row in rows] == ["A", "B"]
    assert rows[0][1].startswith("98.3% (96.1% – 100.0%)")
    assert rows[0][-1] == "180"
    assert charts(test) == 1 + 2 + 3  # agreement; accuracy and F1; three curves
    assert any("another seed" in item.value for item in test.caption)
    assert any(item.value == "8 images, page 1" for item in test.caption)


def test_the_better_one_is_named_and_its_recipe_cloned(digits: Dataset) -> None:
    worse, better = finished_run(digits, range(40)), finished_run(digits, [0], epochs=7)
    test = compared(worse, better)
    (said,) = [item.value for item in test.success]
    assert "B is better than A by 21\\.7 points" in said
    click(test, "Clone the recipe of B")
    assert test.query_params["from"] == better
    epochs = next(item for item in test.number_input if item.label == "Epochs")
    assert epochs.value == 7
    click(test, "Start")
    assert "compare" not in test.query_params
    started = test.query_params["run"]
    assert tracking.get_run(started).params["epochs"] == "7"
    control.stop(started)


def test_of_several_runs_each_is_tested_against_the_best_or_another(digits: Dataset) -> None:
    ids = [finished_run(digits, range(n)) for n in (40, 1, 2)]
    test = compared(*ids)
    said = [item.value for item in test.info]
    assert (len(test.success), len(said)) == (1, 2)
    assert said[1] == "None of them has trained a batch yet."
    assert any("all 3 pairs" in item.value for item in test.caption)
    assert headings(test)[-1] == "Where B and A disagree"
    test = compared(*ids, against=ids[0], pair=ids[2])
    assert len(test.success) == 2
    assert headings(test)[-1] == "Where A and C disagree"


def test_the_gallery_shows_who_was_right(digits: Dataset) -> None:
    ids = finished_run(digits, [0, 1, 2]), finished_run(digits, [2, 3])
    test = compared(*ids, right="second")
    (groups,) = [item for item in test.button_group if item.label == "Which was right"]
    assert groups.options == ["Only one right: 3", "Only A: 1", "Only B: 2", "Neither: 1"]
    assert any(item.value == "2 images, page 1" for item in test.caption)


def test_two_runs_or_more_are_to_be_chosen(digits: Dataset) -> None:
    run_id = finished_run(digits, [])
    for test in (compared(), compared(run_id, run_id)):
        assert any("Choose two runs or more" in item.value for item in test.info)
        assert not headings(test)
    test = compared(run_id, "0" * 32)
    assert "There is no run" in test.warning[0].value


def test_a_difference_of_seeds_is_no_triumph(digits: Dataset) -> None:
    test = compared(finished_run(digits, range(40)), finished_run(digits, [0], seed=1))
    assert not test.success
    assert "the luck of training" in test.info[0].value


def test_a_run_that_goes_on_is_shown_with_its_curves(digits: Dataset) -> None:
    done, running = finished_run(digits, []), submit(Recipe(), status="RUNNING")
    trained_curve(running, [2.0, 1.0])
    for axis in ("epoch", "batch", "seconds"):
        test = compared(done, running, axis=axis)
        assert not test.error
        assert test.info[0].value == r"B has not finished\: it is tested at its end\."
        assert charts(test) == 3
    control.stop(running)
    tracking.set_status(running, "KILLED")
    test = compared(done, running)
    assert test.info[0].value == "B ended before it was tested\\."


def test_runs_of_other_data_are_not_compared(digits: Dataset, tmp_path: Path) -> None:
    lit = import_dataset(lit_table(tmp_path / "lit"))
    ids = finished_run(digits, []), finished_run(lit, [0])
    test = compared(*ids)
    assert "A and B cannot be compared" in test.warning[0].value
    assert not any(heading.endswith("disagree") for heading in headings(test))
    columns = next(item.value.columns for item in test.table if item.value.columns[0] == "run")
    assert "All tasks right" in list(columns)
    several = compared(finished_run(lit, [0, 1]), ids[1])
    assert headings(several)[-1] == "Where A and B disagree"
    assert charts(several) == 1 + 5  # agreement; all tasks, and two figures of each
    assert not several.error


def test_names_are_shown_as_they_are(digits: Dataset) -> None:
    name = "<b>x</b> **y** :red[z] $a$"
    run_id = tracking.create_run(name, "", {"dataset": "digits", "batch_size": "1"}, "RUNNING")
    other = finished_run(digits, [])
    test = compared(run_id, other)
    assert not test.error
    links = [item.proto.label for item in test.get("page_link")]
    escaped = r"\<b\>x\</b\> \*\*y\*\* \:red\[z\] \$a\$ \· ".replace(r"\·", "·")
    assert any(label.startswith(escaped) for label in links)
    tracking.set_status(run_id, "KILLED")


def test_the_way_there_begins_with_the_run_that_was_looked_at(digits: Dataset) -> None:
    older, newer = finished_run(digits, []), finished_run(digits, [1])
    test = open_page("train", run=older)
    test.button_group[0].set_value(True).run()
    assert not test.exception
    assert test.query_params["compare"] == f"{older},{newer}"
    (box,) = [item for item in test.multiselect if item.key == "compare:choices"]
    assert box.value == [older, newer]
    box.unselect(newer).run()
    assert test.query_params["compare"] == older
    test.button_group[0].set_value(False).run()
    assert "compare" not in test.query_params


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_is_translated(digits: Dataset, language: str) -> None:
    ids = [finished_run(digits, range(n), epochs=n + 1) for n in (9, 1, 2)]
    trained_curve(ids[0], [2.0, 1.0])
    test = compared(*ids, lang=language)
    texts = [item.value for kind in ("subheader", "caption", "info", "success", "warning")
             for item in getattr(test, kind)]  # fmt: skip
    chinese = [bool(re.search("[\u4e00-\u9fff]", text)) for text in texts]
    assert all(chinese) == (language == "zh") == any(chinese)
