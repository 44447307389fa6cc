"""Memory of web and engine that serve digits and cifar10, and seconds until they are ready.

Subtracted is a process that has imported Streamlit, Gradio and what serves them, and nothing else.

Run: .venv/bin/python -m tests.bench.footprint
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from dashboard.core.settings import REPOSITORY
from tests.server import Lightbox

EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"
BARE = "import gradio, streamlit, streamlit.starlette, uvicorn; print(flush=True); input()"


def megabytes(process: psutil.Process) -> float:
    """Return its memory, what it shares with others divided among them."""
    return float(process.memory_full_info().pss) / 2**20


def bare() -> float:
    """Return the memory of the two libraries alone."""
    process = subprocess.Popen(
        [sys.executable, "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    process.stdout.readline()
    found = megabytes(psutil.Process(process.pid))
    process.communicate(b"\n")
    return found


def main() -> None:
    """Print the figures."""
    libraries = bare()
    with tempfile.TemporaryDirectory() as folder:
        lightbox = Lightbox(Path(folder))
        began = time.monotonic()
        lightbox.start()
        while httpx.get(f"{lightbox.url}/api/v1/readyz").status_code != 200:
            time.sleep(0.05)
        print(f"ready after {time.monotonic() - began:.1f} s")
        lightbox.wait_ready()
        for model in ("digits", "cifar10"):
            for _ in range(20):
                files, data = {"image": EXAMPLE.read_bytes()}, {"model": model}
                answer = httpx.post(f"{lightbox.url}/api/v1/classify", files=files, data=data)
                answer.raise_for_status()
        httpx.get(f"{lightbox.url}/classify/", timeout=60)  # the widget is there as well
        assert lightbox.process
        web = psutil.Process(lightbox.process.pid)
        (engine,) = (child for child in web.children() if "serving.server" in child.cmdline()[-3])
        parts = [megabytes(web), megabytes(engine)]
        print(f"web {parts[0]:.0f} + engine {parts[1]:.0f} − libraries {libraries:.0f} MB", end="")
        print(f" = {sum(parts) - libraries:.0f} MB")
        lightbox.stop()


if __name__ == "__main__":
    main()
