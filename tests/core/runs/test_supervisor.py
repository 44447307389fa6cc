"""The queue with real processes."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import Conflict
from dashboard.core.runs import control, queue, tracking
from dashboard.core.runs import supervisor as supervisor_module
from dashboard.core.runs.supervisor import Supervisor
from dashboard.core.settings import settings
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe
from tests.waiting import wait_for


@pytest.fixture(scope="module", autouse=True)
def dataset(module_home: Path) -> Dataset:
    """A data set that is learned in no time, for all runs of this file."""
    folder = module_home
    for label, value in (("off", 20), ("on", 230)):
        (folder / "lamps" / label).mkdir(parents=True)
        for number in range(10):
            pixels = np.full((16, 16, 3), value + number, np.uint8)
            Image.fromarray(pixels).save(folder / "lamps" / label / f"{number}.png")
    return import_dataset(folder / "lamps")


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor whose queue and workers are gone afterwards."""
    supervisor = Supervisor()
    yield supervisor
    for worker in supervisor._workers.values():
        worker.kill()
        worker.wait()
    for run in tracking.list_runs(tracking.ACTIVE):
        tracking.set_status(run.id, "KILLED")


def queued(epochs: int = 1) -> str:
    fields = {"dataset": "lamps", "network": "doc-001", "epochs": epochs, "batch_size": 8}
    return submit(parse_recipe(fields))


def status(run_id: str) -> str:
    return tracking.get_run(run_id).status


def look_until(supervisor: Supervisor, happened: Callable[[], bool], limit_s: float = 240) -> float:
    """Let the supervisor look again and again; return the seconds it took."""
    started = time.monotonic()
    while not happened():
        assert time.monotonic() - started < limit_s
        supervisor.look()
        time.sleep(0.05)
    return time.monotonic() - started


def test_runs_are_worked_off_one_after_the_other(supervisor: Supervisor) -> None:
    first = queued()
    second = tracking.create_run("gone", 'dataset = "lights"\n', {}, "SCHEDULED")

    def ended() -> bool:
        assert len(supervisor._workers) <= 1
        assert status(second) == "SCHEDULED" or not tracking.get_run(first).active
        return not tracking.get_run(second).active

    look_until(supervisor, ended)
    done, failed = tracking.get_run(first), tracking.get_run(second)
    assert done.status == "FINISHED"
    assert done.metrics["test_accuracy"] >= 0
    assert (tracking.artifacts(first) / "model.keras").is_file()
    assert failed.status == "FAILED"  # the worker's own reason is kept
    assert failed.error is not None
    assert failed.error.code == "dataset_not_found"
    assert done.ended is not None
    assert failed.ended is not None
    assert done.ended <= failed.ended
    assert "Traceback" not in (tracking.folder(second) / "worker.log").read_text()


def test_a_killed_worker_is_noticed_and_named(supervisor: Supervisor) -> None:
    run_id = queued(epochs=1000)
    look_until(supervisor, lambda: "worker" in tracking.get_run(run_id).tags)
    pid = int(tracking.get_run(run_id).tags["worker"])
    assert os.getsid(pid) != os.getsid(0)  # so it outlives whoever started it
    assert psutil.Process(pid).cmdline()[-2:] == ["dashboard.worker", run_id]
    os.kill(pid, signal.SIGKILL)
    assert look_until(supervisor, lambda: status(run_id) == "FAILED") < 5
    error = tracking.get_run(run_id).error
    assert error is not None
    assert error.code == "worker_died"
    assert error.values == {"number": 9, "name": "SIGKILL"}
    assert not Path(f"/proc/{pid}").exists()  # nor as a zombie
    assert "signal 9 (SIGKILL)" in str(error)
    assert not control.alive(run_id)


def test_a_worker_outlives_its_supervisor(supervisor: Supervisor) -> None:
    run_id = queued(epochs=1000)
    look_until(supervisor, lambda: status(run_id) == "RUNNING")
    pid = int(tracking.get_run(run_id).tags["worker"])
    successor = Supervisor()
    for _ in range(3):
        successor.look()
    assert status(run_id) == "RUNNING"
    assert successor._workers == {}  # and no second worker for the same run
    os.kill(pid, signal.SIGKILL)
    assert look_until(successor, lambda: status(run_id) == "FAILED") < 5
    assert "ended without a report" in str(tracking.get_run(run_id).error)


@pytest.fixture
def sleepers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that only sleep: for what is about starting and ending processes."""
    script = tmp_path / "worker"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))


@pytest.mark.usefixtures("sleepers")
def test_a_run_resumed_before_its_worker_is_seen_to_end_waits(supervisor: Supervisor) -> None:
    run_id = queued()
    supervisor.look()
    worker = supervisor._workers[run_id]
    tracking.set_tag(run_id, "halted", "pause")  # as a worker that was asked to pause ends
    tracking.set_status(run_id, "KILLED")
    worker.kill()
    worker.wait()
    control.resume(run_id)
    supervisor.look()
    assert status(run_id) == "SCHEDULED"
    assert supervisor._workers[run_id] is not worker
    supervisor._workers[run_id].kill()
    supervisor._workers[run_id].wait()
    supervisor.look()  # this one has died in the place that the run waited in
    assert status(run_id) == "FAILED"


@pytest.mark.usefixtures("sleepers")
@pytest.mark.parametrize("limit", [1, 2])
def test_first_in_first_out_up_to_the_limit(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    allowed = replace(settings(), max_running=limit)
    monkeypatch.setattr(supervisor_module, "settings", lambda: allowed)
    runs = []
    for _ in range(4):
        runs.append(queued())
    for done in range(3):
        for _ in range(2):
            supervisor.look()
            assert list(supervisor._workers) == runs[done : done + limit]
        worker = supervisor._workers[runs[done]]
        worker.kill()
        worker.wait()
    supervisor.look()
    assert [status(run_id) for run_id in runs] == ["FAILED"] * 3 + ["SCHEDULED"]


@pytest.mark.usefixtures("sleepers")
def test_a_waiting_run_that_is_stopped_never_starts(supervisor: Supervisor) -> None:
    first, second = queued(), queued()
    supervisor.look()
    control.stop(second)
    assert status(second) == "KILLED"
    supervisor._workers[first].kill()
    supervisor._workers[first].wait()
    for _ in range(2):
        supervisor.look()
    assert supervisor._workers == {}
    assert status(second) == "KILLED"
    with pytest.raises(Conflict, match="already ended"):
        control.stop(second)


def test_a_worker_that_cannot_even_begin(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    run_id = queued()
    look_until(supervisor, lambda: status(run_id) == "FAILED", limit_s=5)
    assert "ended without a report" in str(tracking.get_run(run_id).error)


@pytest.mark.usefixtures("sleepers")
def test_one_supervisor_per_home_and_the_next_takes_over() -> None:
    first, second = Supervisor(), Supervisor()
    first.start()
    time.sleep(0.2)
    second.start()
    run_id = queued()
    try:
        wait_for(lambda: run_id in first._workers)
        assert second._workers == {}
        first.stop()
        first._workers[run_id].kill()
        first._workers[run_id].wait()
        tracking.set_status(run_id, "KILLED")
        run_id = queued()
        wait_for(lambda: run_id in second._workers)
    finally:
        second.stop()
        for worker in (*first._workers.values(), *second._workers.values()):
            worker.kill()
            worker.wait()
        tracking.set_status(run_id, "KILLED")


def starved(megabytes: int, folder: Path) -> str:
    """A Python that gets no more memory than that."""
    script = folder / "python"
    limit = f"ulimit -v {megabytes * 1024}"
    script.write_text(f'#!/bin/sh\n{limit}\nexec "{sys.executable}" "$@"\n')
    script.chmod(0o700)
    return str(script)


def test_a_worker_without_memory_ends_alone_and_is_told_what_helps(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No room for TensorFlow. Near what it needs it may also wait for a thread it did not get.
    monkeypatch.setattr(sys, "executable", starved(1200, tmp_path))
    run_id = queued()
    look_until(supervisor, lambda: status(run_id) == "FAILED")
    error = tracking.get_run(run_id).error
    assert error is not None
    assert error.code == "out_of_memory"
    assert "ran out of memory" in str(error)
    assert "batch size or choose a smaller image size" in str(error)


@pytest.mark.usefixtures("sleepers")
def test_with_hundreds_of_waiting_runs_the_first_is_still_the_first(
    supervisor: Supervisor,
) -> None:
    first = queued()
    with closing(sqlite3.connect(settings().home / "mlflow.db")) as store:
        fill_queue(store, first, 250)
        assert len(queue.queue()) == 251
        supervisor.look()
        assert list(supervisor._workers) == [first]
        with store:
            store.execute("UPDATE runs SET status = 'KILLED' WHERE run_uuid != ?", (first,))


def fill_queue(store: sqlite3.Connection, like: str, n: int) -> None:
    """Queue `n` more runs as MLflow would, without its 50 ms for each."""
    with store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(runs)")]
        same = ", ".join(f'"{name}"' for name in columns if name not in ("run_uuid", "start_time"))
        for number in range(n):
            store.execute(
                f"INSERT INTO runs (run_uuid, start_time, {same}) "
                f"SELECT ?, start_time + ?, {same} FROM runs WHERE run_uuid = ?",
                (f"{number:032x}", number, like),
            )
            store.execute(
                "INSERT INTO tags (key, value, run_uuid) VALUES ('lightbox.queue', ?, ?)",
                (str(10_000 + number), f"{number:032x}"),
            )


def test_two_who_press_start_get_two_runs() -> None:
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: queued(), range(2))
    runs = queue.queue()
    assert {run.id for run in runs} == {one, two}
    assert len({run.tags["queue"] for run in runs}) == 2
    for run_id in (one, two):
        control.stop(run_id)


def test_stopping_before_the_start_is_nothing_special() -> None:
    Supervisor().stop()  # Lightbox was interrupted while it prepared


def test_the_order_of_the_queue_can_be_changed() -> None:
    first, second, third = queued(), queued(), queued()
    assert [run.id for run in queue.queue()] == [first, second, third]
    queue.move(third, earlier=True)
    assert [run.id for run in queue.queue()] == [first, third, second]
    queue.move(first, earlier=True)  # it is the first already
    queue.move(first, earlier=False)
    assert [run.id for run in queue.queue()] == [third, first, second]
    for run_id in (first, second, third):
        control.stop(run_id)
    assert queue.queue() == []
    with pytest.raises(Conflict, match="waiting"):
        queue.move(first, earlier=True)


def test_only_a_run_with_a_position_can_be_resumed() -> None:
    run_id = queued()
    for _ in range(2):
        with pytest.raises(Conflict, match="cannot be resumed"):
            control.resume(run_id)
        if status(run_id) == "SCHEDULED":
            control.stop(run_id)
