"""The engine process: start, latency, memory, what kill -9 costs, what happens when full.

Run: .venv/bin/python -m tests.bench.engine
"""

from __future__ import annotations

import collections
import os
import signal
import statistics
import tempfile
import threading
import time

import numpy as np
import psutil

from dashboard.core.errors import LightboxError
from dashboard.core.images import encode_png
from dashboard.core.serving.client import EngineClient
from dashboard.core.serving.process import EngineProcess
from dashboard.core.serving.question import Question
from dashboard.core.settings import settings

PIXELS = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)


def until_answered(client: EngineClient, image: bytes, since: float) -> float:
    """Return the seconds from `since` to the next answer."""
    while True:
        try:
            client.classify(image)
            return time.perf_counter() - since
        except LightboxError:
            time.sleep(0.01)


def latency_ms(client: EngineClient, image: bytes, n: int, question: Question) -> str:
    """Return median and 95th percentile."""
    times = []
    for _ in range(n):
        began = time.perf_counter()
        client.classify(image, question)
        times.append((time.perf_counter() - began) * 1e3)
    return f"median {statistics.median(times):.1f} ms, p95 {np.percentile(times, 95):.1f} ms"


def crowd(client: EngineClient, image: bytes, threads: int, seconds: float) -> collections.Counter:  # type: ignore[type-arg]
    """Return how often which answer came."""
    seen: collections.Counter[str] = collections.Counter()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                client.classify(image)
                seen["answered"] += 1
            except LightboxError as error:
                seen[error.code] += 1

    workers = [threading.Thread(target=ask) for _ in range(threads)]
    for worker in workers:
        worker.start()
    time.sleep(seconds)
    done.set()
    for worker in workers:
        worker.join()
    return seen


def main() -> None:
    """Print one figure a line."""
    os.environ["LIGHTBOX_HOME"] = tempfile.mkdtemp()
    client = EngineClient(settings().engine_socket)
    image = encode_png(PIXELS)
    engine = EngineProcess()
    began = time.perf_counter()
    engine.start()
    print(f"start to first answer: {until_answered(client, image, began):.2f} s")
    print(f"classify a 640×480 PNG: {latency_ms(client, image, 200, Question())}")

    def memory_mb() -> float:
        return psutil.Process(engine.pid).memory_info().rss / 2**20

    print(f"memory: {memory_mb():.0f} MB")
    began = time.perf_counter()
    client.classify(image, Question(explain="grad_cam"))
    print(f"first explanation: {time.perf_counter() - began:.1f} s")
    print(f"explanation: {latency_ms(client, image, 30, Question(explain='grad_cam'))}")
    print(f"memory with TensorFlow: {memory_mb():.0f} MB")
    print(f"40 threads for 3 s: {dict(crowd(client, image, 40, 3))}")
    time.sleep(5)
    for _ in range(3):
        began = time.perf_counter()
        os.kill(engine.pid, signal.SIGKILL)
        time.sleep(0.05)
        print(f"outage after kill -9: {until_answered(client, image, began):.2f} s")
        time.sleep(6)
    engine.stop()


if __name__ == "__main__":
    main()
