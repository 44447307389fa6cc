"""What faults cost (BAD_INPUT.md §2): seconds without an answer, and how fast refusals come.

Run: .venv/bin/python -m tests.bench.faults
"""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from dashboard.core.errors import LightboxError
from dashboard.core.images import encode_png
from dashboard.core.serving.client import EngineClient
from dashboard.core.serving.process import EngineProcess
from dashboard.core.settings import REPOSITORY, settings
from tests.bench.engine import until_answered
from tests.contract import GOOD
from tests.core.serving.test_faulty_decoder import picture
from tests.server import Lightbox
from tests.slow_upload import SlowUpload

N_REFUSED = 10


def killed(client: EngineClient, engine: EngineProcess, times: int) -> list[float]:
    """Return the seconds without an answer after each `kill -9` of an engine that is not young."""
    found = []
    for _ in range(times):
        time.sleep(6)
        assert engine.pid
        began = time.perf_counter()
        os.kill(engine.pid, signal.SIGKILL)
        time.sleep(0.02)
        found.append(until_answered(client, GOOD, began))
    return found


def killed_at_once(client: EngineClient, engine: EngineProcess, times: int) -> float:
    """Return the seconds without an answer after the last of several kills of young engines."""
    for _ in range(times):
        pid = None
        while pid is None:
            pid = engine.pid
            time.sleep(0.01)
        began = time.perf_counter()
        os.kill(pid, signal.SIGKILL)
        while engine.pid == pid:
            time.sleep(0.01)
    return until_answered(client, GOOD, began)


def verdict(client: EngineClient, fault: str, times: int) -> tuple[Counter[str], float]:
    """Send a faulty picture again and again; return what was said and the seconds it took."""
    told: Counter[str] = Counter()
    began = time.perf_counter()
    for _ in range(times):
        while not client.ready():
            time.sleep(0.01)
        try:
            client.classify(picture(fault))
        except LightboxError as error:
            told[error.code] += 1
    return told, time.perf_counter() - began


def hung(client: EngineClient, engine: EngineProcess) -> tuple[Counter[str], float]:
    """Let one picture hang; return what others heard meanwhile, and when another engine was up."""
    told: Counter[str] = Counter()
    first, began = engine.pid, time.perf_counter()
    hanging = threading.Thread(target=verdict, args=(client, "hangs", 1))
    hanging.start()
    while engine.pid in (first, None) or not client.ready():
        try:
            client.classify(GOOD)
            told["answered"] += 1
        except LightboxError as error:
            told[error.code] += 1
        time.sleep(0.1)
    hanging.join()
    return told, time.perf_counter() - began


def refusals_ms(client: EngineClient) -> tuple[list[float], int]:
    """Fill the queue, then return the time of each refusal, and how many of the queued succeed."""
    large = encode_png(np.zeros((2400, 2400, 3), np.uint8))
    with ThreadPoolExecutor(18) as pool:
        queued = [pool.submit(client.classify, large) for _ in range(18)]
        time.sleep(0.1)
        times = []
        for _ in range(N_REFUSED):
            began = time.perf_counter()
            try:
                client.classify(GOOD)
            except LightboxError as error:
                if error.code == "queue_full":
                    times.append(1000 * (time.perf_counter() - began))
        return times, sum(each.exception() is None for each in queued)


def ended(home: Path) -> tuple[int, float]:
    """End a Lightbox with an upload that is half there; return exit status and seconds after it."""
    lightbox = Lightbox(home)
    lightbox.start()
    lightbox.wait_ready(120)
    assert lightbox.process is not None
    upload = SlowUpload(lightbox.port, GOOD)
    upload.send(0.5)
    time.sleep(0.2)
    lightbox.process.send_signal(signal.SIGTERM)
    time.sleep(2)
    upload.send(1)
    assert upload.status == 200
    began = time.perf_counter()
    return lightbox.process.wait(30), time.perf_counter() - began


def main() -> None:
    """Print one figure a line."""
    os.environ["LIGHTBOX_HOME"] = tempfile.mkdtemp()
    os.environ["PYTHONPATH"] = str(REPOSITORY / "tests/core/serving/faulty")
    client, engine = EngineClient(settings().engine_socket), EngineProcess()
    engine.start()
    until_answered(client, GOOD, time.perf_counter())
    outages = killed(client, engine, 5)
    print(f"kill -9: {statistics.median(outages):.2f} s, most {max(outages):.2f} s")
    print(f"kill -9 of eight young engines in a row: {killed_at_once(client, engine, 8):.2f} s")
    time.sleep(6)
    times, n_answered = refusals_ms(client)
    slowest = max(times, default=0.0)
    print(f"full queue: {len(times)} refused in ≤ {slowest:.1f} ms; {n_answered} of 18 answered")
    told, seconds = verdict(client, "crashes", 5)
    print(f"picture that crashes the decoder, sent five times: {dict(told)} in {seconds:.1f} s")
    time.sleep(6)
    told, seconds = hung(client, engine)
    print(f"picture that hangs: others heard {dict(told)}; a new engine after {seconds:.1f} s")
    engine.stop()
    del os.environ["PYTHONPATH"]
    status, seconds = ended(Path(tempfile.mkdtemp()) / "home")
    print(f"SIGTERM: status {status}, {seconds:.2f} s after the last answer")


if __name__ == "__main__":
    main()
