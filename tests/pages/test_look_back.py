"""Looking at an earlier epoch of a run that goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import SelectSlider

from dashboard.core.runs import tracking
from dashboard.core.runs.epochs import epochs_folder, save_epoch
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe
from tests.pages.conftest import open_page
from tests.pages.replayed import answers, matrix, pinned
from tests.pages.test_live_view import handed
from tests.recorded import EPOCHS, PER_EPOCH, confusion, points, probability, report


def epoch_slider(test: AppTest) -> SelectSlider:
    return next(item for item in test.select_slider if item.label == "After epoch")


def train_to(run_id: str, epoch: int) -> None:
    """Let a run have come to the end of `epoch`."""
    new = range((epoch - 1) * PER_EPOCH + 1, epoch * PER_EPOCH + 1)
    tracking.log_points(run_id, [point for point in points() if point.step in new])
    save_epoch(epochs_folder(run_id), report(epoch, *pinned()))


@pytest.fixture
def running(full: Path) -> str:
    run_id = submit(Recipe(epochs=EPOCHS), status="RUNNING")
    tags = {"epochs": str(EPOCHS), "steps_per_epoch": str(PER_EPOCH), "stage": "training"}
    tracking.set_tags(run_id, tags)
    for epoch in (1, 2, 3):
        train_to(run_id, epoch)
    return run_id


def test_the_epoch_looked_back_at_stays_while_the_run_goes_on(running: str) -> None:
    test = open_page("train", run=running)
    assert epoch_slider(test).value == 3
    epoch_slider(test).set_value(2).run()
    train_to(running, 4)
    test.run()
    assert not test.exception
    assert epoch_slider(test).value == 2
    assert matrix(test) == pytest.approx(confusion(2, 10) / EPOCHS)
    assert answers(test) == [f"{probability(2):.0%}"] * 4
    assert handed(test)["url"] == f"/api/v1/runs/{running}/live"  # whatever is looked back at
    epoch_slider(test).set_value(4).run()
    train_to(running, 5)
    test.run()
    assert epoch_slider(test).value == 5
    assert answers(test) == [f"{probability(5):.0%}"] * 4
    tracking.set_status(running, "KILLED")
