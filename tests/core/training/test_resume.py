"""A run that is broken off and goes on ends with the same weights as one that is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import LightboxError
from dashboard.core.runs import control, tracking
from dashboard.core.settings import REPOSITORY, settings
from dashboard.core.training.callbacks import checkpoints
from dashboard.core.training.checkpoint import load_checkpoint
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import submit
from dashboard.core.training.observer import Halted
from dashboard.core.training.recipe import parse_recipe
from dashboard.core.training.schedules import rates
from tests.core.training.test_trainer import Watcher, lamps
from tests.waiting import wait_for

STEPS = 5  # an epoch: 48 training images in batches of ten

RECIPES: dict[str, dict[str, Any]] = {
    "adam with augmentation": {"augmentation": {"rotation": 0.1, "noise": 0.1, "mixup": 0.3}},
    "one cycle, running mean": {
        "optimizer": "momentum", "learning_rate": 0.02, "schedule": "one_cycle", "ema": 0.9,
    },
    "plateau, early stopping": {
        "optimizer": "adamw", "weight_decay": 0.01, "schedule": "plateau", "early_stopping": 3,
    },
    "bfloat16": {"precision": "bfloat16", "class_weights": "balanced"},
    "rare classes augmented": {"sampling": "augmented", "augmentation": {"noise": 0.2}},
    "full batch": {"optimizer": "gradient_descent", "learning_rate": 0.1, "sampling": "balanced"},
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def dataset(module_home: Path) -> Dataset:
    return import_dataset(lamps(module_home / "lamps"))


def new_run(status: str = "RUNNING", **fields: Any) -> str:
    base = {"dataset": "lamps", "network": "residual", "image_size": 16, "channels": 1,
            "epochs": 4, "batch_size": 10, "seed": 5}  # fmt: skip
    return submit(parse_recipe({**base, **fields}), status=status)


def weights(run_id: str) -> list[np.ndarray]:
    return keras.saving.load_model(tracking.artifacts(run_id) / "model.keras").get_weights()


def same(one: list[np.ndarray], two: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize(
    ("name", "at"), [*((name, STEPS + 3) for name in RECIPES), (next(iter(RECIPES)), 2 * STEPS)]
)
def test_a_paused_run_ends_as_if_nothing_had_happened(name: str, at: int) -> None:
    fields = RECIPES[name]
    whole, broken = new_run(**fields), new_run(**fields)
    execute(whole)
    watcher = Watcher(at)
    watcher._do = lambda: setattr(watcher, "asked", "pause")
    with pytest.raises(Halted):
        execute(broken, watcher)
    run = tracking.get_run(broken)
    assert (run.status, run.tags["halted"]) == ("KILLED", "pause")
    assert control.resumable(run)
    found = load_checkpoint(control.checkpoints(broken), print)
    assert found is not None
    assert at <= found.step < 4 * STEPS
    control.resume(broken)
    execute(broken)
    assert tracking.get_run(broken).status == "FINISHED"
    assert same(weights(broken), weights(whole))
    assert not control.resumable(tracking.get_run(broken))
    for key in ("loss", "learning_rate"):
        steps = [step for step, _ in tracking.history(broken, key)]
        assert steps == [step for step, _ in tracking.history(whole, key)]


@pytest.mark.parametrize("schedule", ["one_cycle", "range_test"])
def test_every_batch_tells_the_rate_of_the_schedule(schedule: str) -> None:
    fields = {"schedule": schedule, "learning_rate": 0.02, "warmup": 0.1}
    run_id = new_run(**fields)
    watcher = Watcher(STEPS + 3)
    watcher._do = lambda: setattr(watcher, "asked", "pause")
    with pytest.raises(Halted):
        execute(run_id, watcher)
    control.resume(run_id)
    execute(run_id)
    told = tracking.history(run_id, "learning_rate")
    assert [step for step, _ in told] == list(range(1, 4 * STEPS + 1))
    expected = rates(schedule, 0.02, 0.1, 4 * STEPS)
    np.testing.assert_array_equal(np.float32([rate for _, rate in told]), expected)


LATE = {
    "running mean": {"ema": 0.9},
    "early stopping": {"learning_rate": 0.05, "early_stopping": 1, "epochs": 30},
}


@pytest.mark.parametrize("name", LATE)
def test_a_run_broken_off_after_its_last_batch_ends_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_SHARE", 0)  # keep every epoch, also the last
    whole, broken = new_run(**LATE[name]), new_run(**LATE[name])
    execute(whole)

    def die() -> None:  # as a full disk would, or a signal
        raise MemoryError

    with pytest.raises(LightboxError, match="memory"):
        execute(broken, Watcher("testing", die))
    control.resume(broken)
    execute(broken)
    assert same(weights(broken), weights(whole))
    epochs = tracking.history(broken, "val_loss")
    assert epochs == tracking.history(whole, "val_loss")
    assert len(epochs) < 30


def test_a_killed_process_loses_no_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    """kill -9 at whatever batch it is just then, with a checkpoint after every epoch."""
    fields = {"epochs": 40, "augmentation": {"translation": 0.2}}
    whole = new_run(**fields)
    execute(whole)
    broken = new_run("SCHEDULED", **fields)
    command = [sys.executable, "-m", "dashboard.worker", broken]
    environment = {**os.environ, "LIGHTBOX_HOME": str(settings().home)}
    worker = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    wait_for(lambda: list(control.checkpoints(broken).glob("*.checkpoint")), 120)
    time.sleep(float(np.random.default_rng().uniform(0, 0.5)))
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    found = load_checkpoint(control.checkpoints(broken), print)
    assert found is not None
    assert 0 < found.step < 40 * STEPS
    tracking.set_status(broken, "FAILED")  # as the supervisor does
    control.resume(broken)
    execute(broken)
    assert same(weights(broken), weights(whole))


def test_sigterm_keeps_the_position() -> None:
    run_id = new_run("SCHEDULED", epochs=1000)
    command = [sys.executable, "-m", "dashboard.worker", run_id]
    environment = {**os.environ, "LIGHTBOX_HOME": str(settings().home)}
    worker = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    wait_for(lambda: list(control.checkpoints(run_id).glob("*.checkpoint")), 120)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0
    run = tracking.get_run(run_id)
    assert (run.status, run.tags["halted"]) == ("KILLED", "interrupt")
    assert control.resumable(run)
