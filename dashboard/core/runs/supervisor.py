"""Starts waiting runs, first in first out, and marks runs whose worker died."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time

from dashboard.core.errors import Conflict, LightboxError
from dashboard.core.runs import control, lock, tracking
from dashboard.core.settings import REPOSITORY, settings

_INTERVAL_S = 0.5
_ORPHAN_AFTER_S = 60
_LOG = logging.getLogger(__name__)


class Supervisor:
    """One per home: a second one waits until the first has gone.

    Workers are started in a session of their own, so they outlive the supervisor; the next one
    finds them again by the lock they hold.
    """

    def __init__(self) -> None:
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
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
            except Conflict:
                self._done.wait(_INTERVAL_S)
            except Exception:
                _LOG.exception("the supervisor failed; trying again")
                self._done.wait(_INTERVAL_S)

    def look(self) -> None:
        """Settle dead runs, then start as many waiting runs as may run."""
        active = tracking.list_runs(tracking.ACTIVE)
        alive = {run.id for run in active if control.alive(run.id)}
        for run_id, worker in list(self._workers.items()):
            if worker.poll() is not None:
                del self._workers[run_id]
                self._settle(run_id, worker.returncode)
                active = [run for run in active if run.id != run_id]  # or it would start again
        for run in active:
            started = bool(run.tags.get("worker")) or time.time() - run.started > _ORPHAN_AFTER_S
            gone = run.id not in alive | self._workers.keys()
            if run.status == "RUNNING" and started and gone:
                self._settle(run.id, None)
        free = settings().max_running - len(alive | self._workers.keys())
        for run in control.queue() if free > 0 else ():
            if free > 0 and run.id not in alive | self._workers.keys():
                self._launch(run.id)
                free -= 1

    def _launch(self, run_id: str) -> None:
        folder = tracking.folder(run_id)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "worker.log").open("ab") as log:
            self._workers[run_id] = subprocess.Popen(
                [sys.executable, "-m", "dashboard.worker", run_id],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=REPOSITORY,
                env={**os.environ, "LIGHTBOX_HOME": str(settings().home)},
            )

    def _settle(self, run_id: str, returncode: int | None) -> None:
        if control.alive(run_id) or not tracking.get_run(run_id).active:
            return
        if returncode is None or returncode >= 0:
            error = LightboxError(
                "The training process ended without a report. Its log is in the run's folder.",
                code="worker_died",
            )
        else:
            error = LightboxError(
                "The training process was ended by signal {number} ({name}). If that was not you, "
                "the machine may have run out of memory: try a smaller batch size.",
                code="worker_died",
                number=-returncode,
                name=signal.Signals(-returncode).name,
            )
        tracking.set_status(run_id, "FAILED", error)
