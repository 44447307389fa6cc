"""Hours of load: nothing may grow."""

from __future__ import annotations

import gc
import threading
import time

import numpy as np

from tests.bench.load.bench import Bench
from tests.bench.load.flows import Flow
from tests.bench.load.watched import Held

EVERY_S = 5.0
WARM_UP = 0.2
"""Share of the time that does not count."""


def soak(bench: Bench) -> None:
    """Half of C: memory < 5 MB/h after warm-up; descriptors, threads, temporary files flat."""
    seen: list[tuple[float, Held]] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(EVERY_S):
            seen.append((time.monotonic(), bench.held()))

    thread = threading.Thread(target=look)
    thread.start()
    (found,) = bench.send(Flow("open", rate=bench.capacity / 2, pictures=bench.good))
    ended.set()
    thread.join()
    counted = seen[int(WARM_UP * len(seen)) :]
    hours = [(when - counted[0][0]) / 3600 for when, _ in counted]
    slope = float(np.polyfit(hours, [each.rss_mb for _, each in counted], 1)[0])
    print(f"  {found.row()}\n  memory {slope:+.1f} MB/h; at first {counted[0][1]}")
    print(f"  at last {counted[-1][1]}; a minute later {_later(bench)}", flush=True)


def _later(bench: Bench) -> Held:
    time.sleep(min(60, bench.seconds / 10))
    gc.collect()
    return bench.held()
