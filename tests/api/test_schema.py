"""The routes do what their OpenAPI schema says, for anything it allows and forbids."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dashboard.core.settings import REPOSITORY
from tests.server import HTTP, Lightbox, free_port
from tests.waiting import wait_for

STARTING = "^/v1/(runs|sweeps|datasets)$"
"""What starts trainings and imports: a valid recipe would train for minutes."""

BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from dashboard.api.app import create_api
from tests.waiting import wait_for
app = Starlette(routes=[Mount("/api", create_api())])
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical")
"""


def answers(url: str) -> bool:
    try:
        return HTTP.get(url).is_success
    except httpx.TransportError:
        return False


def check(url: str, folder: Path, *options: str) -> None:
    """Run Schemathesis; its report is the failure."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/openapi.json"]
    command += ["--phases", "coverage,fuzzing", "--max-examples", "5", "--seed", "1"]
    # What the schema allows may still be the name of a model that is not there.
    command += ["--exclude-checks", "positive_data_acceptance", "--warnings", "off", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def bare(home: Path) -> Iterator[str]:
    """The routes alone: runs are queued, and nobody starts them."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", BARE, str(port)], cwd=REPOSITORY) as process:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/api/v1/healthz"))
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def test_a_running_server(lightbox: Lightbox, tmp_path: Path) -> None:
    check(lightbox.url, tmp_path, "--exclude-path-regex", STARTING)


@pytest.mark.usefixtures("home")
def test_what_starts_something(bare: str, tmp_path: Path) -> None:
    check(bare, tmp_path, "--include-path-regex", STARTING)
