"""Sweeps on the page Train: starting one, watching it, what to do with the best."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.errors import InvalidInput
from dashboard.core.models.store import list_models
from dashboard.core.runs import queue, tracking
from dashboard.core.settings import REPOSITORY, settings
from dashboard.core.sweeps import store
from dashboard.core.sweeps.driver import Driver
from dashboard.core.sweeps.sweep import parse_sweep
from dashboard.core.sweeps.trials import trials_of
from dashboard.core.training.recipe import parse_toml
from tests.core.sweeps.synthetic import accuracy, begin, learn, work
from tests.pages.conftest import click, open_page

RATE = {"low": 1e-4, "high": 1.0, "log": True}


@pytest.fixture(autouse=True)
def no_sweeps(full: Path) -> Iterator[None]:
    """Leave neither sweeps nor waiting runs to other tests of the shared home."""
    yield
    shutil.rmtree(settings().sweeps, ignore_errors=True)
    for run in tracking.list_runs(tracking.ACTIVE):
        tracking.set_status(run.id, "KILLED")


def created(**more: Any) -> str:
    fields = {
        "network": "doc-001",
        "epochs": 4,
        "sweep": {"name": "step size", "method": "random", "trials": 8},
        "search": {"learning_rate": RATE, "optimizer": ["adam", "momentum"]},
    }
    return store.create(parse_sweep(fields | more))


def worked_off(sweep_id: str, runs: int = 200) -> str:
    driver = Driver()
    while store.get(sweep_id).active and runs:
        driver.look()
        for run in queue.queue()[:1]:
            work(run, driver.look)
            runs -= 1
    return sweep_id


def table(test: AppTest) -> Any:
    """The table of the runs; the tables above it compare networks."""
    return test.dataframe[-1].value


def charts(test: AppTest) -> list[str]:
    """Keys of the figures below the form."""
    return [item.key for item in test.get("plotly_chart") if item.key != "rates"]


def captions(test: AppTest) -> str:
    return " | ".join(item.value for item in test.caption)


def labels(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def box(test: AppTest, kind: str, label: str) -> Any:
    return next(item for item in getattr(test, kind) if item.label == label)


def test_without_sweeps_there_is_no_chooser() -> None:
    assert "Sweeps" not in [item.label for item in open_page("train").selectbox]


def test_a_sweep_that_waits_and_one_that_runs() -> None:
    sweep_id = created()
    test = open_page("train", sweep=sweep_id)
    assert test.subheader[0].value == "step size"
    assert "state" not in table(test)
    assert not charts(test)
    assert "Stop" in labels(test)
    assert "Publish" not in labels(test)
    Driver().look()
    run = queue.queue()[0]
    begin(run)
    learn(run.id, 1)
    test = open_page("train", sweep=sweep_id)
    shown = table(test)
    assert list(shown["accuracy"]) == [100 * accuracy(float(run.params["learning_rate"]), 1)]
    assert list(shown["state"]) == ["running"]
    assert shown["run"][0].startswith("/train?run=" + run.id)
    assert charts(test) == ["best-so-far", "parallel"]
    assert "cannot be told from 0 finished runs" in captions(test)
    assert not test.error


def test_a_finished_sweep_shows_the_best_and_how_sure_it_is() -> None:
    sweep_id = worked_off(created())
    best = max(trials_of(sweep_id), key=lambda trial: trial.accuracy or 0)
    test = open_page("train", sweep=sweep_id, lang="en")
    assert test.query_params["sweep"] == sweep_id  # the link is the view
    metric = next(item for item in test.metric if item.label == "Best validation accuracy")
    assert metric.value == f"{best.accuracy:.1%}"
    assert table(test)["n"][0] == best.number
    assert charts(test) == ["best-so-far", "importance", "parallel"]
    assert "8 of 8 runs have ended" in captions(test)
    assert "from 8 finished runs: under 10 that is no more than a hint" in captions(test)
    assert "Stop" not in labels(test)


def test_the_best_recipe_is_cloned() -> None:
    sweep_id = worked_off(created())
    best = max(trials_of(sweep_id), key=lambda trial: trial.accuracy or 0)
    test = click(open_page("train", sweep=sweep_id), "Clone the best recipe")
    assert test.query_params["from"] == best.run.id
    run_id = click(test, "Start").query_params["run"]
    assert "sweep" not in test.query_params
    assert parse_toml(tracking.recipe_of(run_id)) == parse_toml(tracking.recipe_of(best.run.id))


def test_the_best_is_published() -> None:
    sweep_id = worked_off(created())
    best = max(trials_of(sweep_id), key=lambda trial: trial.accuracy or 0)
    shutil.copytree(
        REPOSITORY / "models" / "digits", tracking.artifacts(best.run.id), dirs_exist_ok=True
    )
    test = open_page("train", sweep=sweep_id)
    box(test, "text_input", "Publish as").set_value("swept")
    click(test, "Publish")
    assert "swept" in [card.name for card in list_models()]
    shutil.rmtree(settings().models / "swept")


def test_failed_runs_and_a_failed_sweep() -> None:
    sweep_id = created(sweep={"name": "none", "trials": 2})
    for _ in range(2):
        Driver().look()
        run = queue.queue()[0]
        begin(run)
        tracking.set_status(run.id, "FAILED", InvalidInput("It is NaN.", code="loss_not_finite"))
    Driver().look()
    test = open_page("train", sweep=sweep_id)
    assert "None of its runs came as far as a validation." in [item.value for item in test.info]
    assert "failed: 2" in captions(test)
    assert list(table(test)["state"]) == ["failed", "failed"]
    broken = created()
    (store.folder(broken) / "sweep.toml").write_text("[search]\nlearning_rate = 3\n")
    Driver().look()
    test = open_page("train", sweep=broken)
    assert "must be a list of values or a range" in test.error[0].value


@pytest.mark.parametrize("given", ["0" * 12, "../runs", "x"])
def test_a_sweep_that_is_not_there_is_one_sentence(given: str) -> None:
    test = open_page("train", sweep=given)
    assert "There is no sweep" in test.error[0].value


def test_stop_and_delete_ask_first() -> None:
    sweep_id = created()
    test = open_page("train", sweep=sweep_id)
    assert labels(test).count("Stop") == 1  # in the question
    click(test, "Stop", key="stop-sweep")
    assert store.get(sweep_id).status == "stopping"
    assert "stopping the run that trains …" in captions(open_page("train", sweep=sweep_id))
    Driver().look()
    test = open_page("train", sweep=sweep_id)
    click(test, "Go on")
    assert store.get(sweep_id).status == "running"
    store.stop(sweep_id)
    Driver().look()
    test = click(open_page("train", sweep=sweep_id), "Delete", key="delete-sweep")
    assert "sweep" not in test.query_params
    assert store.list_sweeps() == []


def test_a_run_that_the_sweep_stopped_says_so() -> None:
    settings_ = {"name": "$halving$", "method": "asha", "trials": 6}
    sweep_id = worked_off(created(sweep=settings_, epochs=9))
    pruned = next(trial for trial in trials_of(sweep_id) if trial.state == "pruned")
    test = open_page("train", run=pruned.run.id)
    epoch = pruned.run.tags["pruned"]
    assert f"Stopped early by the sweep: after epoch {epoch}" in test.info[0].value
    links = [item.proto.label for item in test.get("page_link")]
    assert f"Run {pruned.number} of the sweep “\\$halving\\$”" in links
    zh = open_page("train", run=pruned.run.id, lang="zh")
    assert zh.info[0].value.startswith("被参数搜索提前停止")


def varied(test: AppTest, *fields: str) -> AppTest:
    test.multiselect(key="sweep-fields").set_value(list(fields)).run()
    assert not test.exception, test.exception
    return test


def test_a_sweep_is_started_by_the_form() -> None:
    test = varied(open_page("train", **{"from": "doc-001"}), "learning_rate", "optimizer", "seed")
    box(test, "multiselect", "Optimiser").set_value(["adam", "sgd"]).run()
    box(test, "number_input", "Learning rate, to").set_value(0.1).run()
    test.segmented_control(key="sweep-seed-0-kind").set_value("values").run()
    box(test, "text_input", "Seed").set_value("1, 2；3").run()
    box(test, "number_input", "Runs").set_value(9).run()
    assert "9 runs." in captions(test) or "9 runs, about" in captions(test)
    click(test, "Start the sweep")
    stored = store.list_sweeps()[0]
    assert test.query_params["sweep"] == stored.id
    assert "from" not in test.query_params
    assert stored.sweep.trials == 9
    assert {name: entry.to_toml() for name, entry in stored.sweep.search.items()} == {
        "learning_rate": {"low": 1e-4, "high": 0.1, "log": True},
        "optimizer": ["adam", "sgd"],
        "seed": [1, 2, 3],
    }
    assert stored.sweep.recipe["network"] == "doc-001"


def test_a_grid_takes_lists_alone_and_counts_them() -> None:
    test = varied(open_page("train", **{"from": "doc-001"}), "batch_size", "augmentation.rotation")
    test.selectbox(key="sweep-method").set_value("grid").run()
    box(test, "text_input", "Batch size").set_value("16, 32, 64").run()
    box(test, "text_input", "Rotation").set_value("0, 0.1").run()
    assert "Runs" not in [item.label for item in test.number_input]
    assert "6 runs" in captions(test)


def test_what_is_wrong_is_said_at_once_and_cannot_be_started() -> None:
    test = varied(open_page("train", **{"from": "doc-001"}), "batch_size")
    test.segmented_control(key="sweep-batch_size-32-kind").set_value("values").run()
    box(test, "text_input", "Batch size").set_value("16, many").run()
    assert "must be whole numbers; received 'many'" in test.error[0].value
    start = next(button for button in test.button if button.label == "Start the sweep")
    assert start.disabled


def test_every_field_has_controls_that_make_a_sweep() -> None:
    from dashboard.core.sweeps.fields import sweep_fields

    names = [name for name in sweep_fields() if not name.startswith("augmentation")]
    test = varied(open_page("train"), *names, "augmentation.mixup")
    assert not test.exception
    shown = {item.label for kind in ("number_input", "multiselect") for item in test.get(kind)}
    assert {"Network", "Image size, from", "Weight decay, to", "Precision"} <= shown


def test_visitors_of_a_demo_see_a_sweep_and_can_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sweep_id = worked_off(created())
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    test = open_page("train", sweep=sweep_id)
    assert charts(test) == ["best-so-far", "importance", "parallel"]
    changing = {"Delete", "Go on", "Publish", "Clone the best recipe", "Start the sweep"}
    assert not changing & set(labels(test))


def test_parallel_coordinates_have_log_and_category_axes() -> None:
    from dashboard.core.sweeps.search import Choices, Range
    from dashboard.ui.sweep_charts import _axis

    log = _axis(Range(3e-4, 0.5, log=True), [0.001, 0.1])
    assert log["values"] == pytest.approx([-3, -1])
    assert log["range"] == pytest.approx([math.log10(3e-4), math.log10(0.5)])
    assert log["ticktext"] == ["0.0003", "0.001", "0.01", "0.1", "0.5"]
    names = _axis(Choices(("sgd", "<b>", "adam")), ["sgd", "adam"])
    assert names["ticktext"] == ["&lt;b&gt;", "adam", "sgd"]
    assert names["values"] == [2, 1]
    numbers = _axis(Choices((64, 16)), [16, 64])
    assert (numbers["ticktext"], numbers["values"]) == (["16", "64"], [0, 1])
    assert _axis(Range(0.0, 0.5), [0.2])["range"] == [0.0, 0.5]
