"""The search as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import Conflict
from dashboard.core.quality import inspection, job
from dashboard.core.quality.results import load
from dashboard.core.runs import lock
from dashboard.core.settings import REPOSITORY
from tests.waiting import wait_for


def test_it_goes_from_none_to_done_in_a_child(home: Path) -> None:
    dataset = import_dataset("digits")
    assert job.state(dataset).status == "none"
    first = job.start(dataset)
    assert first.status == "running"
    assert job.start(dataset).since == first.since
    wait_for(lambda: job.state(dataset).status == "done")
    assert load(dataset) is not None


def test_a_killed_search_shows_as_failed(home: Path) -> None:
    dataset = import_dataset("digits")
    job.start(dataset)
    child = job._CHILDREN[str(dataset.path)]
    os.kill(child.pid, signal.SIGKILL)
    wait_for(lambda: job.state(dataset).status == "failed")
    state = job.state(dataset)
    assert state.error is not None
    assert state.error["code"] == "quality_died"


def test_one_that_died_under_another_server_shows_as_failed(home: Path) -> None:
    dataset = import_dataset("digits")
    job._write(dataset, job.State("running", "describing", 1, 2, since=time.time()))
    assert job.state(dataset).status == "failed"


def test_only_one_searches_at_a_time(home: Path) -> None:
    dataset = import_dataset("digits")
    with (
        lock.hold(dataset.path / "quality.lock", "x"),
        pytest.raises(Conflict, match="being checked already"),
    ):
        job.search(dataset)


def test_an_error_is_kept_for_the_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = import_dataset("digits")

    def fail(*_: object) -> None:
        raise ValueError("boom")

    monkeypatch.setattr(job, "inspect", fail)
    with pytest.raises(ValueError, match="boom"):
        job.search(dataset)
    assert job.state(dataset).status == "failed"


def test_the_command_prints_what_was_found(home: Path) -> None:
    import_dataset("digits")
    command = [sys.executable, "-m", "dashboard", "quality", "digits", "--json", "--progress"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert "stage" in lines[0]
    assert {item["id"] for item in lines[-1]["faults"]} == {f.id for f in inspection.FAULTS}
