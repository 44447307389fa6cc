"""Starts waiting runs, first in first out, and marks runs whose worker died."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from dashboard.core.errors import Conflict, LightboxError, NotFound
from dashboard.core.runs import control, lock, tracking
from dashboard.core.runs.outbox import Outbox
from dashboard.core.runs.queue import queue
from dashboard.core.runs.tracking import ALL, Run
from dashboard.core.settings import REPOSITORY, settings

_INTERVAL_S = 0.5
_PAUSE_S = 2.0
_GRACE_S = 3.0
"""A run begins in one process a moment before that process holds its lock."""

_LOG = logging.getLogger(__name__)


class Supervisor:
    """One per home: a second one waits until the first has gone.

    Workers are started in a session of their own, so they outlive the supervisor; the next one
    finds them again by the lock they hold.

    Args:
        also: Called after each look at the queue; must not raise.
    """

    def __init__(self, also: Callable[[], None] = lambda: None) -> None:
        self._also = also
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._places: dict[str, str | None] = {}  # in the queue, from which each was started
        self._gone: dict[str, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work, name="supervisor", daemon=True)

    def start(self) -> None:
        """Begin to watch, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching. Workers go on."""
        self._done.set()
        if self._thread.is_alive():  # not if Lightbox was interrupted before the start
            self._thread.join(timeout=5)

    def _work(self) -> None:
        while not self._done.is_set():
            try:
                with lock.hold(settings().home / "supervisor.lock", "The queue"):
                    while not self._done.wait(_INTERVAL_S):
                        self.look()
                        self._also()
            except Conflict:
                self._done.wait(_INTERVAL_S)
            except LightboxError as error:  # the store does not answer
                _LOG.warning("the queue waits: %s", error)
                self._done.wait(_PAUSE_S)
            except Exception:
                _LOG.exception("the supervisor failed; trying again")
                self._done.wait(_PAUSE_S)

    def look(self) -> None:
        """Settle dead runs, then start as many waiting runs as may run."""
        for run_id, worker in list(self._workers.items()):
            if worker.poll() is not None:
                self._settle(run_id, worker.returncode)
                del self._workers[run_id]  # not before: how it ended would be lost
                del self._places[run_id]
        running = {run.id: run for run in tracking.list_runs(("RUNNING",), ALL)}
        alive = {run_id for run_id in running if control.alive(run_id)}
        now = time.monotonic()
        gone = running.keys() - alive - self._workers.keys()
        self._gone = {run_id: self._gone.get(run_id, now) for run_id in gone}
        for run_id, since in self._gone.items():
            if running[run_id].tags.get("worker") or now - since > _GRACE_S:
                self._settle(run_id, None)
        free = settings().max_running - len(alive | self._workers.keys())
        if free > 0:
            waiting = [run for run in queue() if run.id not in self._workers]
            starting = [run.id for run in waiting if control.alive(run.id)]
            for run in waiting[: max(free - len(starting), 0)]:
                if run.id not in starting:
                    self._launch(run)

    def _launch(self, run: Run) -> None:
        folder = tracking.folder(run.id)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "worker.log").open("ab") as log:
            self._workers[run.id] = subprocess.Popen(
                [sys.executable, "-m", "dashboard.worker", run.id],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=REPOSITORY,
                env={**os.environ, "LIGHTBOX_HOME": str(settings().home)},
            )
        self._places[run.id] = run.tags.get("queue")

    def _settle(self, run_id: str, returncode: int | None) -> None:
        """Bring in what a worker that ended left unsaid, or say that it said nothing."""
        try:
            with lock.hold(control.lock_path(run_id), "The run"):
                Outbox(run_id).deliver()
                run = tracking.get_run(run_id)
                # Resumed before its worker was seen to end, it waits in another place.
                place = run.tags.get("queue")
                resumed = run.status == "SCHEDULED" and self._places.get(run_id, place) != place
                if run.active and not resumed and returncode != os.EX_TEMPFAIL:
                    tracking.set_status(run_id, "FAILED", _died(returncode))
        except (Conflict, NotFound):  # somebody works on it again; the store has begun anew
            return


def _died(returncode: int | None) -> LightboxError:
    if returncode is None or returncode >= 0:
        return LightboxError(
            "The training process ended without a report: it was killed, or the machine ran out "
            "of memory or of disk. Its log is in the run's folder. Resume the run or start it "
            "anew, with half the batch size if memory is short.",
            code="worker_died",
        )
    return LightboxError(
        "The training process died of signal {number} ({name}). If nobody killed it, the machine "
        "probably ran out of memory: halve the batch size or choose a smaller image size.",
        code="worker_died",
        number=-returncode,
        name=signal.Signals(-returncode).name,
    )
