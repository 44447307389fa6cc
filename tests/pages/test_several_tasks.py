"""Pages on data with several tasks: a run, an explanation, one image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.runs import tracking
from dashboard.core.runs.epochs import load_epoch
from dashboard.core.settings import settings
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import publish_run, submit
from dashboard.core.training.recipe import parse_recipe
from tests.lit import lit_table
from tests.pages.conftest import click, open_page

RECIPE = {
    "dataset": "lit", "network": "residual", "image_size": 16, "channels": 1, "epochs": 2,
    "batch_size": 16, "learning_rate": 0.003,
}  # fmt: skip


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with two tasks, a run on them and its model; `full` points Lightbox at it."""
    folder = tmp_path_factory.mktemp("tasks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(folder / "home"))
        settings.cache_clear()
        tracking.forget()
        import_dataset(lit_table(folder / "lit"))
        run_id = submit(parse_recipe(RECIPE), status="RUNNING")
        execute(run_id)
        publish_run(run_id, "lit")
    tracking.forget()
    settings.cache_clear()
    return folder / "home"


def titles(test: AppTest) -> list[str]:
    return [item.label for item in test.metric if item.label.startswith("Test")]


def box(test: AppTest, label: str) -> Selectbox:
    return next(item for item in test.selectbox if item.label == label)


def answers(test: AppTest) -> list[str]:
    """What the network says of the pinned images."""
    return [item.value.split()[1] for item in test.caption if item.value.startswith(":material")]


@pytest.mark.usefixtures("full")
def test_a_run_shows_one_task_at_a_time() -> None:
    test = open_page("train", run=tracking.list_runs()[0].id, task="Of another data set")
    assert titles(test) == [
        "Test accuracy, all tasks right", "Test accuracy, Ground", "Test accuracy, Side",
    ]  # fmt: skip
    assert box(test, "Task").options == ["Ground", "Side"]
    assert "task" not in test.query_params
    assert set(answers(test)) <= {"dark", "light"}
    box(test, "Task").set_value("Side").run()
    assert not test.exception
    assert test.query_params["task"] == "Side"
    assert set(answers(test)) <= {"left", "right"}
    assert len(answers(test)) == 8


@pytest.mark.usefixtures("full")
def test_a_replay_shows_one_task_at_a_time() -> None:
    run = tracking.list_runs()[0]
    per_epoch = int(run.tags["steps_per_epoch"])
    test = open_page("train", run=run.id, task="Side", at=str(per_epoch))
    assert set(answers(test)) <= {"left", "right"}
    first = load_epoch(run.id, 1).probabilities[:, 2:].max(axis=1)
    shown = [item.value.split()[2] for item in test.caption if item.value.startswith(":material")]
    assert shown == [f"{probability:.0%}" for probability in first]
    assert titles(test) == ["Test accuracy, Ground", "Test accuracy, Side"]
    assert {item.value for item in test.metric if item.label.startswith("Test")} == {"–"}
    box(test, "Task").set_value("Ground").run()
    assert test.query_params["at"] == str(per_epoch)
    assert set(answers(test)) <= {"dark", "light"}


@pytest.mark.usefixtures("running_engine")
def test_the_class_of_either_task_is_explained() -> None:
    test = open_page("explain", model="lit", task="Side")
    assert box(test, "Explain the class").options == ["left", "right"]
    box(test, "Explain the class").set_value("left").run()
    assert test.query_params["target"] == "left"
    box(test, "Task").set_value("Ground").run()
    assert not test.exception
    assert box(test, "Explain the class").options == ["dark", "light"]
    assert box(test, "Explain the class").value is None
    assert "target" not in test.query_params
    assert {"**Ground**", "**Side**"} <= {item.value for item in test.markdown}


@pytest.mark.usefixtures("full")
def test_an_image_is_relabelled_task_by_task() -> None:
    dataset = get_dataset("lit")
    row = dataset.index.iloc[0]
    assert row["labels"] == [0, 2]
    test = open_page("explore", dataset="lit", image=row["id"])
    key = f"labels-{dataset.version}-{row['id']}"
    assert test.selectbox(key=f"{key}-Ground").options == ["dark", "light"]
    test.selectbox(key=f"{key}-Side").set_value("Side: right").run()
    click(test, "Relabel", "relabel-one")
    changed = get_dataset("lit")
    assert changed.parent == dataset.version
    assert changed.row(row["id"])["labels"] == [0, 3]
