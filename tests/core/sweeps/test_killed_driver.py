"""A driver that dies between any two of its writes loses nothing and does nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.core.runs import queue, tracking
from dashboard.core.runs.supervisor import Supervisor
from dashboard.core.settings import REPOSITORY
from dashboard.core.sweeps import store
from dashboard.core.sweeps.driver import Driver
from dashboard.core.sweeps.sweep import parse_sweep
from dashboard.core.sweeps.trials import trials_of
from tests.core.sweeps.synthetic import begin, learn, work

RATES = [0.5, 0.1, 0.01]


def die(writes: int, survived: Path) -> bool:
    """Let a driver look, killed before it has written so often; return whether it was."""
    command = [sys.executable, "-m", "tests.core.sweeps.crash", str(writes), str(survived)]
    done = subprocess.run(command, cwd=REPOSITORY, stderr=subprocess.DEVNULL)
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0


def settle() -> None:
    """Do what the supervisor does 3 s later with a run that nobody works on."""
    for run in tracking.list_runs(("RUNNING",)):
        Supervisor()._settle(run.id, None)


def finish(sweep_id: str) -> None:
    driver = Driver()
    for _ in range(60):
        settle()
        driver.look()
        if not store.get(sweep_id).active:
            return
        for run in queue.queue()[:1]:
            work(run, driver.look)
    raise AssertionError("the sweep does not end")


@pytest.mark.usefixtures("sweep_home")
@pytest.mark.parametrize("writes", range(5))
def test_killed_while_it_begins_a_run(tmp_path: Path, writes: int) -> None:
    """A new run is written in four parts: itself, its fields, its recipe, that it may start."""
    fields = {"network": "doc-001", "epochs": 2, "sweep": {"method": "grid"}}
    sweep_id = store.create(parse_sweep({**fields, "search": {"learning_rate": RATES}}))
    assert die(writes, tmp_path / "survived") == (writes < 4)
    finish(sweep_id)
    trials = trials_of(sweep_id)
    assert [trial.values["learning_rate"] for trial in trials] == RATES
    assert [trial.state for trial in trials] == ["finished"] * 3
    assert len(tracking.list_runs()) == 3  # and no other is left in the lists


@pytest.mark.usefixtures("sweep_home")
@pytest.mark.parametrize("writes", range(3))
def test_killed_while_it_stops_a_run_early(tmp_path: Path, writes: int) -> None:
    """That is written in two parts: that it was the sweep, and the request to stop."""
    fields = {"network": "doc-001", "epochs": 9, "sweep": {"method": "asha", "trials": 4}}
    search = {"learning_rate": {"low": 1e-4, "high": 1.0, "log": True}}
    sweep_id, driver = store.create(parse_sweep({**fields, "search": search})), Driver()
    while not any(trial.state == "finished" for trial in trials_of(sweep_id)):
        driver.look()
        for run in queue.queue()[:1]:
            work(run, driver.look)
    while not (waiting := queue.queue()):
        driver.look()
    behind = waiting[0]
    begin(behind)
    tracking.set_tag(behind.id, "values", json.dumps({"learning_rate": 1e-9}))
    learn(behind.id, 1)
    assert die(writes, tmp_path / "survived") == (writes < 2)
    Driver().look()
    tags = tracking.get_run(behind.id).tags
    assert (tags["pruned"], tags["control"]) == ("1", "stop")
    tracking.set_status(behind.id, "KILLED")
    finish(sweep_id)
    assert [trial.number for trial in trials_of(sweep_id)] == [1, 2, 3, 4]
