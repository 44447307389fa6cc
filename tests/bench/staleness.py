"""How far browsers that watch a run are behind it, and what watching costs the run.

    .venv/bin/python -m tests.bench.staleness HOME [ROUNDS]

`HOME` holds CIFAR-10 as the data set `cifar10`. In every round document 003's network is trained by
a bare `fit` of Keras on our batches and then by a run that nobody, one page and three pages of a
real Chromium watch in turn; each is timed over one epoch of training, validation included. In each
page the number of the newest batch in the loss curve is noted twenty times a second and held
against the worker's own time stamps: a page is as far behind as the oldest batch it does not show
yet is old. The browsers work on the same processors as the training, so the processor time of the
browser and of the web process is printed too.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from playwright.sync_api import Page, Playwright, sync_playwright

from dashboard.core.data.store import get_dataset
from dashboard.core.runs import store
from dashboard.core.settings import REPOSITORY
from tests.e2e.conftest import ARGUMENTS, browser_path
from tests.server import HTTP, Lightbox

ROUNDS, WATCHERS = 2, (0, 1, 3)
NICE = "10"  # as a worker is: others on the machine then take as much from the bare loop
RECIPE = {"dataset": "cifar10", "network": "doc-003", "epochs": 100, "batch_size": 32}

NEWEST = """() => {
    const host = document.querySelector('.st-key-live [data-testid=stBidiComponentIsolated]')
    return Number(host?.shadowRoot?.querySelector('[data-step]')?.dataset.step || 0)
}"""
NOTE_NEWEST = f"""() => {{
    const newest = {NEWEST}
    window.seen = []
    let shown = 0
    setInterval(() => window.seen.push([Date.now(), shown = newest() || shown]), 50)
}}"""


@dataclass
class Watched:
    """One epoch of a run and what those who watched it saw.

    Attributes:
        speed: Images per second.
        web: Processor time of the web process, as a share of a core.
        browser: The same of all of Chromium.
        ages: How far behind the pages were at each moment, seconds.
        update_ms: Processor time of Chromium for each update of a page, milliseconds.
    """

    speed: float
    web: float
    browser: float = 0.0
    ages: list[float] = field(default_factory=list)
    update_ms: float = 0.0


def main(home: Path, rounds: int) -> None:
    """Print the figures of each round and the medians."""
    os.environ["LIGHTBOX_HOME"] = str(home)
    images = len(get_dataset("cifar10").rows("train"))
    lightbox = Lightbox(home)
    lightbox.start()
    ages: dict[int, list[float]] = {watchers: [] for watchers in WATCHERS}
    ratios: dict[int, list[float]] = {watchers: [] for watchers in WATCHERS}
    try:
        lightbox.wait_ready()
        for number in range(1, rounds + 1):
            bare = _bare(home)
            print(f"round {number}, load {os.getloadavg()[0]:.1f}: bare {bare:.0f} images/s")
            for watchers, epoch in _run(lightbox, images):
                ratios[watchers].append(epoch.speed / bare)
                ages[watchers] += epoch.ages
                print(f"  {watchers} pages: {_described(epoch)}, {epoch.speed / bare:.2f} × bare")
    finally:
        lightbox.end_runs()
        lightbox.stop()
    for watchers in WATCHERS:
        print(f"{watchers} pages: {statistics.median(ratios[watchers]):.2f} × bare (median)")
        if ages[watchers]:
            print(f"{watchers} pages, all rounds: {_behind_text(ages[watchers])}")


def _bare(home: Path) -> float:
    """Return images per second of Keras' `fit`."""
    command = ["nice", "-n", NICE, sys.executable, "-m", "tests.bench.training", str(home), "bare"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return float(done.stdout.split()[-1])


def _run(lightbox: Lightbox, images: int) -> Iterator[tuple[int, Watched]]:
    """Yield how many pages watched an epoch of a run, and what came of it."""
    run_id = HTTP.post(f"{lightbox.url}/api/v1/runs", json=RECIPE).json()["id"]
    steps = -(-images // int(RECIPE["batch_size"]))
    _wait_for(run_id, 100)
    assert lightbox.process is not None
    web = psutil.Process(lightbox.process.pid)
    with sync_playwright() as playwright:
        for watchers in WATCHERS:
            epoch = _watch(playwright, lightbox.url, run_id, web, watchers, steps)
            epoch.speed *= images
            yield watchers, epoch
    HTTP.post(f"{lightbox.url}/api/v1/runs/{run_id}/pause")  # no test, no export
    while HTTP.get(f"{lightbox.url}/api/v1/runs/{run_id}").json()["status"] == "RUNNING":
        time.sleep(0.5)


def _watch(
    playwright: Playwright, url: str, run_id: str, web: psutil.Process, watchers: int, steps: int
) -> Watched:
    """Watch one epoch, from any batch to the same of the next; `speed` is in epochs per second."""
    others = set(psutil.Process().children(recursive=True))
    browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
    pages = [browser.new_context().new_page() for _ in range(watchers)]
    for page in pages:
        page.goto(f"{url}/train?run={run_id}")
        page.wait_for_function(f"({NEWEST})() > 0", timeout=60_000)
        page.evaluate(NOTE_NEWEST)
    chromium = [p for p in psutil.Process().children(recursive=True) if p not in others]
    first = _newest(run_id)
    used, start = (_seconds([web]), _seconds(chromium)), time.monotonic()
    _wait_for(run_id, first + steps, pages[0] if pages else None)
    took = time.monotonic() - start
    web_s, browser_s = _seconds([web]) - used[0], _seconds(chromium) - used[1]
    seen = [page.evaluate("window.seen") for page in pages]
    browser.close()
    stamps = dict(_stamps(run_id))
    epoch = Watched(1000 / (stamps[first + steps] - stamps[first]), web_s / took)
    if seen:
        epoch.browser = browser_s / took
        epoch.ages = [age for moments in seen for age in _behind(moments, sorted(stamps.items()))]
        updates = sum(len({step for _, step in moments}) for moments in seen)
        epoch.update_ms = 1000 * browser_s / updates
    return epoch


def _wait_for(run_id: str, step: int, page: Page | None = None) -> None:
    while _newest(run_id) < step:
        page.wait_for_timeout(1000) if page else time.sleep(1)


def _newest(run_id: str) -> int:
    """Return the newest batch, 0 if there is none yet."""
    with store.answering() as client:
        found = client._tracking_client.store.get_metric_history_bulk_interval(
            [run_id], "loss", max_results=2, start_step=0, end_step=2**31
        )
    return max((item.step for item in found), default=0)


def _seconds(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:2])
    return total


def _stamps(run_id: str) -> list[tuple[int, int]]:
    """Return (batch, milliseconds since 1970) of every batch, in order."""
    with store.answering() as client:
        found = client.get_metric_history(run_id, "loss")
    return sorted((metric.step, metric.timestamp) for metric in found)


def _behind(seen: list[tuple[int, int]], stamps: list[tuple[int, int]]) -> list[float]:
    """Return for each moment the age in seconds of the oldest batch that is not shown yet."""
    steps = [step for step, _ in stamps]
    ages = []
    for moment, shown in seen:
        place = bisect_right(steps, shown)
        if place < len(stamps):
            ages.append(max(moment - stamps[place][1], 0) / 1000)
    return ages


def _described(epoch: Watched) -> str:
    text = f"{epoch.speed:.0f} images/s, web process {epoch.web:.1%} of a core"
    if not epoch.ages:
        return text
    return (
        f"{text}, Chromium {epoch.browser:.1%} or {epoch.update_ms:.0f} ms an update, "
        f"{_behind_text(epoch.ages)}"
    )


def _behind_text(ages: list[float]) -> str:
    most = statistics.quantiles(ages, n=20)[-1]
    return (
        f"behind by {statistics.median(ages):.2f} s (median), {most:.2f} s (95 %), "
        f"{max(ages):.2f} s (most)"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)
