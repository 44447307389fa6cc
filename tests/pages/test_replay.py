"""The replay of a run that is over, on the page Train."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.runs import tracking
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe, parse_recipe
from dashboard.ui.text import literal
from tests.pages.conftest import open_page
from tests.pages.replayed import (
    LAST,
    answers,
    drawn,
    figure,
    figures,
    matrix,
    notes,
    pictures,
    recorded_run,
    slider,
    steps,
    text,
)
from tests.recorded import (
    EPOCHS,
    PER_EPOCH,
    VAL_LOSS,
    confusion,
    loss,
    probability,
    record,
)

pytestmark = pytest.mark.usefixtures("full")


@pytest.fixture
def run_id(full: Path) -> str:
    return recorded_run()


@pytest.mark.parametrize("at", [15, 30, 54])
def test_everything_stands_at_the_same_batch(run_id: str, at: int) -> None:
    test = open_page("train", run=run_id, at=str(at))
    epoch = at // PER_EPOCH
    assert slider(test).value == at
    assert text(test).startswith(f"epoch {-(-at // PER_EPOCH)} of {EPOCHS}, batch {at} of {LAST}")
    batches, smooth, validations = steps(test, "curve-loss")
    assert batches == smooth == list(range(1, at + 1))
    assert validations == [PER_EPOCH * (done + 1) for done in range(epoch)]
    assert figure(test, "curve-loss")[2]["y"] == list(VAL_LOSS[:epoch])
    assert [len(part) for part in steps(test, "curve-accuracy")] == [at, at, epoch]
    assert matrix(test) == pytest.approx(confusion(epoch, 10) / EPOCHS)
    assert answers(test) == [f"{probability(epoch):.0%}"] * 4
    assert any("Over\\-fitting since epoch 2" in note for note in notes(test)) == (epoch == 5)
    shown = figures(test)
    assert shown["Loss"] == f"{loss(at):.3f}"
    assert shown["Learning rate"] == f"{epoch / 1000:.2g}"
    assert "Test accuracy" not in shown


def test_the_attention_is_that_of_the_epoch(run_id: str) -> None:
    seen = [pictures(open_page("train", run=run_id, at=str(at))) for at in (0, 12, 19, 34)]
    assert [len(found) for found in seen] == [4, 4, 4, 4]
    assert seen[1] == seen[2]
    assert len({found[0] for found in seen}) == 3


def test_it_stands_at_the_end_at_first_and_shows_the_result(run_id: str) -> None:
    for query in ({}, {"at": "999"}, {"at": "x"}):
        test = open_page("train", run=run_id, **query)
        assert slider(test).value == LAST
        assert figures(test)["Test accuracy"] == "75.0%"
        assert steps(test, "curve-loss")[0] == list(range(1, LAST + 1))


def test_before_the_first_batch_nothing_is_known_and_all_has_its_place(run_id: str) -> None:
    test = open_page("train", run=run_id, at="0")
    assert steps(test, "curve-loss") == [[], [], []]
    assert not matrix(test).any()
    assert answers(test) == ["–"] * 4
    assert figures(test)["Loss"] == "–"
    assert len(test.metric) == len(open_page("train", run=run_id).metric)


def test_axes_do_not_move(run_id: str) -> None:
    def axes(at: int) -> tuple:
        found = open_page("train", run=run_id, at=str(at)).get("plotly_chart")
        specs = [json.loads(c.proto.spec)["layout"] for c in found if "-curve-" in c.proto.id]
        return [(spec["xaxis"]["range"], spec["yaxis"]["range"]) for spec in specs]

    assert axes(5) == axes(40) == axes(LAST)


def test_moving_the_slider_stands_in_the_url(run_id: str) -> None:
    test = open_page("train", run=run_id)
    slider(test).set_value(25).run()
    assert not test.exception
    assert test.query_params["at"] == "25"
    assert steps(test, "curve-loss")[0][-1] == 25
    assert answers(test) == [f"{probability(2):.0%}"] * 4
    slider(test).set_value(LAST).run()
    assert "at" not in test.query_params


def test_another_run_begins_at_its_end(run_id: str) -> None:
    other = recorded_run()
    test = open_page("train", run=run_id, at="20")
    next(box for box in test.selectbox if box.label == "Runs").set_value(other).run()
    assert "at" not in test.query_params
    assert slider(test).value == LAST


def test_a_run_in_two_phases_has_its_mark_from_the_start() -> None:
    run_id = recorded_run(network="transfer:model:digits", frozen_epochs=3, unfreeze=1)
    for at in (12, 45):
        test = open_page("train", run=run_id, at=str(at))
        marks = drawn(test, "curve-loss")["layout"]["shapes"]
        assert [mark["x0"] for mark in marks] == [3 * PER_EPOCH]
        assert steps(test, "curve-loss")[0][-1] == at


def test_images_with_several_labels() -> None:
    dataset = import_dataset("digits-multi")
    rows = dataset.rows("val").head(4)
    targets = np.zeros((4, len(dataset.classes)), np.uint8)
    for place, labels in enumerate(rows["labels"]):
        targets[place, labels] = 1
    recipe = {"dataset": "digits-multi", "loss": "binary_crossentropy", "epochs": EPOCHS}
    run_id = submit(parse_recipe(recipe), status="RUNNING")
    record(run_id, rows["id"].tolist(), targets, len(dataset.classes))
    expected = [literal(dataset.label(labels)) for labels in rows["labels"]]
    for at, said in ((10, ["–"] * 4), (40, expected)):  # a probability of 50 % names no label
        test = open_page("train", run=run_id, at=str(at))
        found = [item.value for item in test.caption if ":material" in item.value]
        assert [caption.split(" ", 1)[1] for caption in found] == said
        assert steps(test, "curve-accuracy")[0][-1] == at


@pytest.mark.parametrize("status", ["KILLED", "FAILED"])
def test_a_run_that_did_not_finish_has_a_replay_too(status: tracking.Status) -> None:
    test = open_page("train", run=recorded_run(status), at="30")
    assert slider(test).value == 30


def test_a_run_without_reports_or_that_goes_on_has_none() -> None:
    run_id = submit(Recipe(), status="RUNNING")
    tracking.log_points(run_id, [tracking.Point("loss", 1, 2.0, 1000)])
    test = open_page("train", run=run_id)
    assert "Play" not in [button.label for button in test.button]
    tracking.set_status(run_id, "FAILED")
    test = open_page("train", run=run_id)
    assert "Play" not in [button.label for button in test.button]
    assert not list(test.select_slider)
    assert steps(test, "curve-loss")[0] == [1]
