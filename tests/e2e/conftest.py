"""A real Lightbox in a process of its own, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

REPOSITORY = Path(__file__).parents[2]
SHOTS = Path(__file__).parent / "shots"

# Without these, Chromium's own background requests fill the log of a machine without a network.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Lightbox:
    """`python -m dashboard run` on a home of its own."""

    home: Path
    port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ()
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
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "run", *self.options],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=REPOSITORY,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert self.url in line, line

    def stop(self, how: int = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def wait_ready(self, timeout: float = 60) -> None:
        """Until the classifier answers and the embedded data set is there."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                ready = httpx.get(f"{self.url}/api/v1/readyz").status_code == 200
                names = [d["name"] for d in httpx.get(f"{self.url}/api/v1/datasets").json()]
                if ready and "digits" in names:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise AssertionError("Lightbox did not get ready")


@pytest.fixture(scope="session")
def lightbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lightbox]:
    server = Lightbox(tmp_path_factory.mktemp("home"))
    server.start()
    server.wait_ready()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    system = next((path for path in map(shutil.which, names) if path), None)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def shot(page: Page, name: str) -> None:
    """Leave a screenshot for people to look at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
