"""What the page Train shows of runs and stores that are not well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.core.errors import InvalidInput, LightboxError
from dashboard.core.images import Note
from dashboard.core.runs import control, tracking
from dashboard.core.runs.outbox import News
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe
from tests.core.runs.locked import locked
from tests.pages.conftest import click, open_page

pytestmark = pytest.mark.usefixtures("full")


def failed(error: LightboxError) -> str:
    """A run that failed after it had kept a position."""
    run_id = submit(Recipe(), status="RUNNING")
    control.checkpoints(run_id).mkdir(parents=True)
    (control.checkpoints(run_id) / "000000007.checkpoint").write_bytes(b"")
    tracking.set_status(run_id, "FAILED", error)
    return run_id


def labels(test) -> list[str]:
    return [button.label for button in test.button]


def test_a_killed_run_says_so_and_can_be_resumed() -> None:
    run_id = failed(LightboxError("It died of {name}.", code="worker_died", name="SIGKILL"))
    test = open_page("train", run=run_id)
    assert [error.value for error in test.error] == ["It died of SIGKILL\\."]
    click(test, "Resume")
    assert tracking.get_run(run_id).status == "SCHEDULED"
    assert tracking.get_run(run_id).error is None
    control.stop(run_id)


def test_a_diverged_run_offers_no_resume() -> None:
    test = open_page("train", run=failed(InvalidInput("It is NaN.", code=control.DIVERGED)))
    assert "Delete" in labels(test)
    assert "Resume" not in labels(test)


def test_a_damaged_checkpoint_is_noted_in_the_readers_language() -> None:
    from dashboard.core.training.checkpoint import _FELL_BACK

    run_id = submit(Recipe(), status="RUNNING")
    note = Note("checkpoint_damaged", _FELL_BACK, {"step": 40}).to_json()
    News(tags={"notes": json.dumps([note])}, status="KILLED").send(run_id)
    shown = [item.value for item in open_page("train", run=run_id, lang="zh").warning]
    assert any("第 40 批" in text for text in shown)


def test_start_while_the_store_is_locked_is_refused() -> None:
    test = open_page("train")
    with locked():
        click(test, "Start")
    assert "busy just now" in test.error[0].value


def test_a_store_that_was_set_aside_is_told_of(full: Path) -> None:
    aside = full / "mlflow.db.damaged-20260102-030405"
    aside.write_bytes(b"")
    try:
        shown = [item.value for item in open_page("train").warning]
    finally:
        aside.unlink()
    assert any("mlflow\\.db\\.damaged\\-20260102\\-030405" in text for text in shown)
