"""Many visitors with the largest picture that is allowed, at once (BAD_INPUT.md, row I8)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import psutil

from tests import corpus
from tests.server import Lightbox

N, LIMIT_MB = 20, 300


def memory_mb(process: psutil.Process) -> float:
    """Resident memory of a process and all it started."""
    total = 0
    for item in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # ended meanwhile
            total += item.memory_info().rss
    return total / 2**20


def test_large_pictures_at_once_take_little_memory(lightbox: Lightbox):
    content = corpus.saved(corpus.smooth(4990, 4990), "JPEG")
    assert lightbox.process
    process = psutil.Process(lightbox.process.pid)
    before = memory_mb(process)
    most = before
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            most = max(most, memory_mb(process))

    def send(_: int) -> httpx.Response:
        files = {"image": ("large.jpg", content, "image/jpeg")}
        return httpx.post(f"{lightbox.url}/api/v1/classify", files=files, timeout=60)

    with ThreadPoolExecutor(N + 1) as pool:
        watching = pool.submit(watch)
        answers = list(pool.map(send, range(N)))
        done.set()
        watching.result()
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) < N
    assert {answer.status_code for answer in refused} <= {503, 504}  # full, or waited too long
    assert most - before < LIMIT_MB
