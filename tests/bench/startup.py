"""Seconds from the command to the first page and to the first answer, with a real browser.

Run: .venv/bin/python -m tests.bench.startup [runs]
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from dashboard.core.settings import REPOSITORY
from tests.e2e.conftest import ARGUMENTS
from tests.server import Lightbox

EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"


def measure(page, home: Path) -> tuple[float, float, float]:  # type: ignore[no-untyped-def]
    """Return seconds until the line is printed, the home page is painted, an image classified."""
    server = Lightbox(home)
    began = time.monotonic()
    server.start()
    line = time.monotonic() - began
    page.goto(server.url)
    page.locator("[data-testid=stMainBlockContainer] h1").wait_for()
    painted = time.monotonic() - began
    while True:
        answer = httpx.post(
            f"{server.url}/api/v1/classify", files={"image": EXAMPLE.read_bytes()}, timeout=30
        )
        if answer.status_code == 200:
            break
        time.sleep(0.05)
    answered = time.monotonic() - began
    server.wait_ready()
    server.stop()
    return line, painted, answered


def main() -> None:
    """Print the medians for a new and for a used home."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    path = shutil.which("chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page()
        for name in ("new", "used"):
            rows = [
                measure(page, Path(folder) / (f"{name}{run}" if name == "new" else "new0"))
                for run in range(runs)
            ]
            line, painted, answered = map(statistics.median, zip(*rows, strict=True))
            print(f"{name} home: line {line:.1f} s, page {painted:.1f} s, answer {answered:.1f} s")
        browser.close()


if __name__ == "__main__":
    main()
