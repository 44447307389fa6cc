"""The tests of BAD_INPUT.md that only send requests."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import httpx

from tests.bench.load.bench import Bench
from tests.bench.load.flows import Flow, percentile

RUN = {"dataset": "digits", "network": "doc-001", "epochs": 1000}


def _users(bench: Bench, client: str = "", n: int = 10) -> Flow:
    return Flow("users", n, think_s=2.0, pictures=bench.good, client=client)


def steady(bench: Bench) -> None:
    """Ten users who think 2 s: p50 ≤ 2 S, p99 ≤ 600 ms, no errors."""
    (found,) = bench.send(_users(bench))
    print(f"  {found.row()}; p50 = {percentile(found.accepted, 0.5) / bench.s_ms:.1f} S")


def overload(bench: Bench) -> None:
    """Twice and five times C: goodput ≥ 0.9 C, accepted p99 ≤ 1.5 s, refused p99 ≤ 100 ms."""
    for times in (2, 5):
        before = bench.held()
        (found,) = bench.send(Flow("open", rate=times * bench.capacity, pictures=bench.good))
        normal = bench.normal_after()
        print(f"  {times} C: goodput {found.goodput / bench.capacity:.2f} C; {found.row()}")
        print(f"  before {before}; after {bench.held()}; normal after {normal:.1f} s", flush=True)


def burst(bench: Bench) -> None:
    """A hundred at once: as many served as there are places, the others refused at once."""
    for _ in range(3):
        (found,) = bench.send(Flow("burst", 100, pictures=bench.good), seconds=1)
        print(f"  {found.row()}", flush=True)


def mixed(bench: Bench) -> None:
    """L1 beside a training run: p99 ≤ 3 times, epochs ≤ 1.3 times as long, health < 1 s."""
    (alone,) = bench.send(_users(bench))
    with _training(bench) as run:
        before, during = _Watch(run), _Watch(run)
        with before:
            time.sleep(bench.seconds / 2)
        with during:
            (beside,) = bench.send(_users(bench))
    ratio = percentile(beside.accepted, 0.99) / percentile(alone.accepted, 0.99)
    print(f"  alone: {alone.row()}\n  beside a run: {beside.row()}; p99 {ratio:.1f} times")
    print(
        f"  images per second of the run {before.speed:.0f}, meanwhile {during.speed:.0f}: epochs"
    )
    print(f"  {before.speed / during.speed:.2f} times as long;", end=" ")
    print(f"health at most {max(during.health):.2f} s", flush=True)


def hostile(bench: Bench) -> None:
    """L1 beside 200 slow connections and the corpus at 2 per second: p99 ≤ 1 s."""
    good, _, bad = bench.send(
        _users(bench),
        Flow("slow", 200, pictures=bench.good, client="198.51.100."),
        Flow("open", rate=2, pictures=bench.corpus, client="192.0.2."),
    )
    print(f"  users: {good.row()}\n  corpus: statuses {bad.statuses}, faults {bad.faults}")


def fair(bench: Bench) -> None:
    """Five users beside a client with 50 requests per second: p99 ≤ 2 times."""
    (alone,) = bench.send(_users(bench, "203.0.113.", 5))
    greedy = Flow("open", rate=50, pictures=bench.good, client="198.51.100.", one_client=True)
    beside, greed = bench.send(_users(bench, "203.0.113.", 5), greedy)
    ratio = percentile(beside.accepted, 0.99) / percentile(alone.accepted, 0.99)
    print(f"  alone: {alone.row()}\n  beside: {beside.row()}; p99 {ratio:.1f} times")
    print(f"  the greedy one: {greed.row()}", flush=True)


class _Watch:
    """Looks twice a second at how fast a run is and how soon Streamlit says it is well."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._speeds: list[float] = []
        self.health: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def speed(self) -> float:
        """Images per second, in the median."""
        return statistics.median(self._speeds)

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            told = httpx.get(f"{self._run}/live", timeout=30).json()["images_per_second"]
            self._speeds += [told] if told else []
            began = time.monotonic()
            httpx.get(urljoin(self._run, "/_stcore/health"), timeout=30).raise_for_status()
            self.health.append(time.monotonic() - began)


@contextmanager
def _training(bench: Bench) -> Iterator[str]:
    answer = httpx.post(f"{bench.lightbox.url}/api/v1/runs", json=RUN, timeout=60)
    answer.raise_for_status()
    url = f"{bench.lightbox.url}/api/v1/runs/{answer.json()['id']}"
    try:
        while not httpx.get(f"{url}/live", timeout=30).json()["images_per_second"]:
            time.sleep(0.5)
        yield url
    finally:
        bench.lightbox.end_runs()
