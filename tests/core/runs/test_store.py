"""The database of the runs locked, damaged, read-only, out of reach."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from dashboard.core.errors import LightboxError, NotFound, Unavailable
from dashboard.core.runs import control, tracking
from dashboard.core.runs.outbox import News, Outbox
from dashboard.core.runs.reporter import Reporter
from dashboard.core.runs.store_health import set_aside_if_damaged, store_notes
from dashboard.core.runs.supervisor import Supervisor
from dashboard.core.runs.tracking import Point
from dashboard.core.settings import REPOSITORY, settings
from tests.core.runs.locked import database, locked
from tests.waiting import wait_for


def new_run(status: tracking.Status = "RUNNING") -> str:
    return tracking.create_run("a run", 'dataset = "digits"\n', {"epochs": 2}, status)


@pytest.mark.usefixtures("runs_home")
def test_a_locked_store_is_read_and_refuses_to_write_within_a_second() -> None:
    run_id = new_run()
    with locked():
        assert tracking.get_run(run_id).status == "RUNNING"
        assert [run.id for run in tracking.list_runs()] == [run_id]
        started = time.monotonic()
        with pytest.raises(Unavailable, match="busy just now") as caught:
            control.stop(run_id)
        assert time.monotonic() - started < 1.5  # 0.8 s, and a busy machine
    assert caught.value.code == "store_busy"
    control.stop(run_id)
    assert tracking.get_run(run_id).tags["control"] == "stop"


@pytest.mark.usefixtures("runs_home")
def test_a_store_that_is_forgotten_is_closed() -> None:
    def opened() -> list[str]:
        paths = [file.path for file in psutil.Process().open_files()]
        return [path for path in paths if path.startswith(str(database()))]

    new_run()
    assert opened()
    tracking.forget()
    assert not opened()


@pytest.mark.usefixtures("runs_home")
def test_what_is_reported_while_the_store_is_locked_is_replayed() -> None:
    run_id = new_run()
    waiting = tracking.folder(run_id) / "outbox.jsonl"
    with Reporter(run_id) as reporter:
        with locked():
            reporter.stage("training")
            for step in range(1, 101):
                reporter.metrics(step, {"loss": 1 / step})
            wait_for(waiting.exists)
            reporter.metrics(101, {"loss": 0.0})
        wait_for(lambda: not waiting.exists())
        assert len(tracking.history(run_id, "loss")) >= 100
    assert tracking.history(run_id, "loss") == [
        *((step, 1 / step) for step in range(1, 101)),
        (101, 0.0),
    ]
    assert tracking.get_run(run_id).tags["stage"] == "training"


@pytest.mark.usefixtures("runs_home")
def test_how_a_run_ended_is_delivered_after_its_worker() -> None:
    run_id = new_run()
    reason = NotFound("It is {what}.", code="dataset_gone", what="gone")
    outbox = Outbox(run_id)
    outbox.put(News([Point("loss", 1, float("nan"), 5)], {"stage": "saving"}, "RUNNING"))
    outbox.put(News(status="FAILED", error=reason.to_json()))
    with (tracking.folder(run_id) / "outbox.jsonl").open("ab") as file:
        file.write(b'{"points": [{"key": "lo')  # it died in the middle of a line
    supervisor = Supervisor()
    with locked(), pytest.raises(Unavailable):
        supervisor._settle(run_id, 1)
    supervisor._settle(run_id, 1)
    run = tracking.get_run(run_id)
    assert run.status == "FAILED"
    assert isinstance(run.error, NotFound)
    assert str(run.error) == "It is gone."
    assert run.tags["stage"] == "saving"
    assert not (tracking.folder(run_id) / "outbox.jsonl").exists()


@pytest.mark.usefixtures("runs_home")
def test_a_store_that_is_damaged_meanwhile_is_said_to_be_so() -> None:
    new_run()
    assert store_notes() == []
    tracking.forget()
    set_aside_if_damaged()  # it is fine
    with closing(sqlite3.connect(database())) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    half = database().read_bytes()[: database().stat().st_size // 2]
    database().write_bytes(half)
    with pytest.raises(LightboxError, match=r"mlflow\.db, is damaged") as caught:
        tracking.list_runs()
    assert caught.value.code == "store_damaged"


@pytest.mark.parametrize("damage", ["truncated", "garbage"])
def test_the_next_start_keeps_a_damaged_store_and_begins_anew(
    home: Path, empty_store: Path, damage: str
) -> None:
    home.mkdir()
    whole = empty_store.read_bytes()
    bad = whole[: len(whole) // 2] if damage == "truncated" else b"rubbish " * 2000
    database().write_bytes(bad)
    tracking.forget()
    set_aside_if_damaged()
    (note,) = store_notes()
    assert note.code == "store_damaged"
    assert note.values["file"].startswith("mlflow.db.damaged-20")
    assert (home / note.values["file"]).read_bytes() == bad
    assert tracking.list_runs() == []
    assert tracking.get_run(new_run()).active
    set_aside_if_damaged()
    assert len(tracking.list_runs()) == 1  # the new store is the one that stays
    tracking.forget()


READ_ONLY = """
from dashboard.core.errors import LightboxError
from dashboard.core.runs import tracking
from dashboard.core.runs.store_health import set_aside_if_damaged, store_notes
set_aside_if_damaged()
print(len(tracking.list_runs()))
try:
    tracking.set_tag(tracking.list_runs()[0].id, "a", "b")
except LightboxError as error:
    print(error.code)
print(*(note.code for note in store_notes()))
"""


@pytest.mark.usefixtures("runs_home")
def test_a_read_only_store_is_read_and_said_to_be_so() -> None:
    new_run()
    for path in settings().home.glob("mlflow.db*"):
        path.chmod(0o444)
    # The superuser may write what is read-only, unless that right is given up.
    prefix = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, sys.executable, "-c", READ_ONLY],
        cwd=REPOSITORY,
        env={**os.environ, "LIGHTBOX_HOME": str(settings().home)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["1", "store_read_only", "store_read_only"], done.stderr


@pytest.mark.usefixtures("runs_home")
@pytest.mark.parametrize(
    "uri", ["http://user:secret@127.0.0.1:9", "postgresql://user:secret@127.0.0.1:9/runs", "x://y"]
)
def test_a_store_out_of_reach_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    settings.cache_clear()
    started = time.monotonic()
    with pytest.raises(Unavailable, match="does not answer") as caught:
        tracking.list_runs()
    assert time.monotonic() - started < 10
    assert caught.value.code == "store_unreachable"
    assert "secret" not in str(caught.value)
