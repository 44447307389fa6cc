"""How soon Lightbox is back."""

from __future__ import annotations

import os
import signal
import time

import httpx

from tests.bench.load.bench import Bench
from tests.bench.serving import Client


def cold(bench: Bench) -> None:
    """Killed to ready: ≤ 20 s; the first answer after that ≤ 2 S."""
    began = time.monotonic()
    os.kill(bench.lightbox.engine_pid, signal.SIGKILL)
    _tell("engine", bench, began)
    bench.lightbox.stop(signal.SIGKILL)
    began = time.monotonic()
    bench.lightbox.start()
    _tell("everything", bench, began)


def _tell(what: str, bench: Bench, began: float) -> None:
    url = bench.lightbox.url
    with httpx.Client(timeout=30) as http:
        while http.get(f"{url}/api/v1/readyz").status_code == 200:
            if time.monotonic() - began > 1:  # it was back before we looked
                break
        while http.get(f"{url}/api/v1/readyz").status_code != 200:
            time.sleep(0.02)
        ready = time.monotonic() - began
    client = Client(url, bench.content)
    client.classify()  # loads `mobile`, which is not the default model
    asked = time.monotonic()
    client.classify()
    first = (time.monotonic() - asked) * 1e3
    print(f"  {what}: ready after {ready:.2f} s, then {first:.0f} ms = {first / bench.s_ms:.1f} S")
