"""Asking the network of a run on the page Train."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dashboard.core.data.store import get_dataset
from dashboard.core.runs import tracking
from dashboard.core.settings import REPOSITORY
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe
from tests.pages.conftest import open_page

ASK = "Ask the network"


@pytest.fixture
def ended(full: Path) -> str:
    """A run whose model is the shipped one."""
    run_id = submit(Recipe())
    shutil.copytree(
        REPOSITORY / "models" / "digits", tracking.artifacts(run_id), dirs_exist_ok=True
    )
    tracking.set_status(run_id, "FINISHED")
    return run_id


@pytest.mark.usefixtures("running_engine")
def test_the_answer_to_an_image_of_the_data_set(ended: str) -> None:
    chosen = get_dataset("digits").rows("val").sort_values("id").iloc[0]
    test = open_page("train", run=ended, image=chosen["id"], ask="true")
    assert not test.error
    assert "The finished model" in [text.value for text in test.markdown]
    assert [box.label for box in test.expander if box.label == ASK] == [ASK]


@pytest.mark.usefixtures("full")
def test_a_run_without_an_epoch_cannot_be_asked() -> None:
    run_id = submit(Recipe())
    test = open_page("train", run=run_id)
    assert not [box for box in test.expander if box.label == ASK]
    tracking.set_status(run_id, "KILLED")


@pytest.mark.usefixtures("full")
def test_without_an_engine_it_says_so(ended: str) -> None:
    chosen = get_dataset("digits").rows("val").iloc[0]["id"]
    test = open_page("train", run=ended, image=chosen, ask="true")
    assert "restarting" in test.error[0].value
