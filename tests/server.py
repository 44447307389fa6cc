"""A real Lightbox in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from dashboard.core.settings import REPOSITORY
from tests.waiting import wait_for


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


HTTP = httpx.Client(timeout=30)  # the default of 5 s is short on a busy machine


@dataclass
class Lightbox:
    """`python -m dashboard run` on a home of its own."""

    home: Path
    port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ()
    most_files: int | None = None  # that it and its engine may each have open
    variables: dict[str, str] = field(default_factory=dict)
    log: Path | None = None
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {
            **os.environ,
            "LIGHTBOX_HOME": str(self.home),
            "PORT": str(self.port),
            "LANG": "C.UTF-8",
            **self.variables,
        }
        with self.log.open("ab") if self.log else nullcontext() as log:
            self.process = subprocess.Popen(
                [*self._limits, sys.executable, "-m", "dashboard", "run", *self.options],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
                cwd=REPOSITORY,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert f":{self.port}" in line, line

    @property
    def _limits(self) -> list[str]:
        """What the command is started by, so that they hold for it and what it starts."""
        if self.most_files is None:
            return []
        return ["sh", "-c", f'ulimit -Sn {self.most_files} && exec "$@"', "sh"]

    @contextmanager
    def running(self) -> Iterator[Lightbox]:
        """Ready within the block, and ended after it with its runs, unless the test did that."""
        self.start()
        try:
            self.wait_ready()
            yield self
        finally:
            assert self.process is not None
            if self.process.poll() is None:
                try:
                    self.end_runs()
                finally:
                    self.stop()

    def stop(self, how: int = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def engine_pid(self) -> int:
        """Process id of the engine: another one after a crash."""
        (engine,) = self.engines()
        return engine.pid

    def engines(self) -> list[psutil.Process]:
        """The engine, or none between a crash and the next start."""
        assert self.process is not None
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # ended meanwhile, or is a zombie
                if "dashboard.core.serving.server" in child.cmdline():
                    found.append(child)
        return found

    def kept(self) -> set[str]:
        """Names of the files at rest: all but logs, locks, databases and what runs write."""
        found = (path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file())
        moving = re.compile(r"runs/.*|.*(\.log|\.lock|\.db|\.db-\w+)")
        return {str(path) for path in found if not moving.fullmatch(str(path))}

    def temporary_files(self) -> list[str]:
        """Files that the web process and the engine have open and that have no name any more."""
        assert self.process is not None
        folders = [Path(f"/proc/{pid}/fd") for pid in (self.process.pid, self.engine_pid)]
        opened = [path for folder in folders for path in folder.iterdir() if int(path.name) > 2]
        found = []
        for path in opened:
            with suppress(FileNotFoundError):  # closed meanwhile
                found.append(os.readlink(path))
        return [link for link in found if link.endswith("(deleted)")]

    def wait_ready(self, timeout: float = 60) -> None:
        """Until the classifier answers and the embedded data set is there."""
        wait_for(self._is_ready, timeout)

    def _is_ready(self) -> bool:
        try:
            ready = HTTP.get(f"{self.url}/api/v1/readyz").status_code == 200
            names = [d["name"] for d in HTTP.get(f"{self.url}/api/v1/datasets").json()]
        except httpx.TransportError:
            return False
        return ready and "digits" in names

    def end_runs(self) -> None:
        """Stop what still trains: workers outlive the server, and would outlive the tests."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            runs = HTTP.get(f"{self.url}/api/v1/runs").json()
            active = [run["id"] for run in runs if run["status"] in ("SCHEDULED", "RUNNING")]
            if not active:
                return
            for run_id in active:
                HTTP.post(f"{self.url}/api/v1/runs/{run_id}/stop")
            time.sleep(0.5)
        raise AssertionError("runs did not stop")
