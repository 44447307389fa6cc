"""Starts the engine beside the web process and starts it again when it dies."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time

from dashboard.core.settings import REPOSITORY, settings

MAX_LOG_BYTES = 5 * 2**20
YOUNG_S = 5.0
"""An engine that dies sooner than this will probably die again, so the next one waits."""

FIRST_DELAY_S, LAST_DELAY_S = 0.5, 5.0
TERM_S = 5.0
"""Time the engine gets to end by itself."""

logger = logging.getLogger(__name__)


class EngineProcess:
    """One engine, kept alive from `start()` to `stop()`."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep_alive, name="engine-watch", daemon=True)

    @property
    def pid(self) -> int | None:
        """Process id of the engine, if one runs."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def start(self) -> None:
        """Start the engine; returns at once, `EngineClient.ready` says when it answers."""
        self._thread.start()

    def stop(self) -> None:
        """End the engine for good: TERM, and KILL if it still runs after 5 s."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(TERM_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._thread.is_alive():
            self._thread.join()

    def _keep_alive(self) -> None:
        # The engine is always started from this thread: the kernel ends it with the thread that
        # started it (see orphan.py), and this one lives until stop().
        delay = 0.0
        while not self._stopping.wait(delay):
            started = time.monotonic()
            try:
                end = f"exit code {self._run()}"
            except OSError as error:  # no memory, no disk: trying again may help
                end = str(error)
            if self._stopping.is_set():
                return
            young = time.monotonic() - started < YOUNG_S
            delay = min(max(2 * delay, FIRST_DELAY_S), LAST_DELAY_S) if young else 0.0
            logger.warning("The engine ended (%s); starting again in %s s.", end, delay)

    def _run(self) -> int | None:
        path = settings().home / "engine.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        command = [sys.executable, "-m", "dashboard.core.serving.server"]
        with path.open("ab") as log:
            with self._lock:
                if self._stopping.is_set():
                    return None
                self._process = subprocess.Popen(
                    [*command, "--parent", str(os.getpid())],
                    cwd=REPOSITORY,
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # Ctrl+C is for the web process, which ends the engine after its last request.
                    process_group=0,
                )
            return self._process.wait()


def _environment() -> dict[str, str]:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUNBUFFERED": "1"}
    # What is larger than 4 MB goes back to the system when it is freed; glibc would raise this by
    # itself to 32 MB, and after a few large pictures keep 150 MB. Of the rest 16 MB are kept: to
    # take every picture's pages from the system anew would make decoding half as long again.
    lean = {
        "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20),
        "MALLOC_TRIM_THRESHOLD_": str(16 * 2**20),
    }
    return {**quiet, **lean, **os.environ, "LIGHTBOX_HOME": str(settings().home)}
