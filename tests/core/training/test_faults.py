"""What goes wrong around a run: its end is always recorded, with the reason."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import LightboxError, NotFound
from dashboard.core.runs import control, reporter, tracking
from dashboard.core.runs.queue import queue
from dashboard.core.runs.supervisor import Supervisor
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import submit
from dashboard.core.training.observer import Halted
from dashboard.core.training.recipe import parse_recipe
from tests.core.runs.locked import locked
from tests.core.training.test_trainer import Watcher, lamps


@pytest.fixture(scope="module", autouse=True)
def dataset(module_home: Path) -> Dataset:
    return import_dataset(lamps(module_home / "lamps"))


def new_run(status: tracking.Status = "RUNNING", **fields: Any) -> str:
    base = {"dataset": "lamps", "network": "doc-001", "epochs": 1, "batch_size": 16}
    return submit(parse_recipe({**base, **fields}), status=status)


def test_a_run_that_ends_while_the_store_is_locked_is_recorded_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reporter, "_LAST_TRY_S", 0)
    run_id = new_run()
    with ExitStack() as stack:
        card = execute(run_id, Watcher("training", lambda: stack.enter_context(locked())))
        assert tracking.get_run(run_id).status == "RUNNING"  # as far as the store knows
    Supervisor()._settle(run_id, 0)
    run = tracking.get_run(run_id)
    assert (run.status, run.error) == ("FINISHED", None)
    assert run.metrics["test_accuracy"] == card.metrics[0].value
    assert len(tracking.history(run_id, "loss")) == 3  # 48 images


def test_sigterm_while_images_are_prepared_leaves_a_run_that_can_begin_again() -> None:
    run_id = new_run()
    with pytest.raises(Halted):
        execute(run_id, Watcher("packing", lambda: os.kill(os.getpid(), signal.SIGTERM)))
    run = tracking.get_run(run_id)
    assert (run.status, run.tags["halted"]) == ("KILLED", "interrupt")
    control.resume(run_id)
    execute(run_id)
    assert tracking.get_run(run_id).status == "FINISHED"
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_data_set_deleted_under_a_run_is_said_to_be_gone(tmp_path: Path) -> None:
    gone = import_dataset(lamps(tmp_path / "gone"))
    run_id = new_run(dataset="gone")
    with pytest.raises(NotFound, match="it was deleted or moved") as caught:
        execute(run_id, Watcher("packing", lambda: shutil.rmtree(gone.path)))
    assert caught.value.code == "dataset_gone"
    error = tracking.get_run(run_id).error
    assert error is not None
    assert error.code == "dataset_gone"


def test_a_run_that_diverged_is_not_offered_to_go_on() -> None:
    run_id = new_run(network="residual", optimizer="momentum", learning_rate=10, l2=1, batch_size=2)
    with pytest.raises(LightboxError, match="Lower the learning rate"):
        execute(run_id)
    assert not control.resumable(tracking.get_run(run_id))


def test_a_clock_that_jumps_changes_no_duration_and_no_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = time.time
    first, worked = new_run("SCHEDULED"), new_run()

    def jump() -> None:
        monkeypatch.setattr(time, "time", lambda: real() - 3600)

    execute(worked, Watcher(1, jump))
    run = tracking.get_run(worked)
    assert run.ended is not None
    assert run.ended < run.started  # MLflow believes the clock
    assert run.seconds is not None
    assert 0 < run.seconds < 600
    second = new_run("SCHEDULED")
    assert [run.id for run in queue()] == [first, second]
    for run_id in (first, second):
        control.stop(run_id)
