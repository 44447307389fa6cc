"""How far three browsers that watch a run are behind it, and what watching costs the run.

    .venv/bin/python -m tests.bench.staleness HOME

`HOME` holds CIFAR-10 as the data set `cifar10`. Document 003's network is trained and watched for a
while by nobody, then by three pages of a real Chromium. In each page the number of the newest batch
in the loss curve is noted ten times a second and held against the worker's own time stamps: a page
is as far behind as the oldest batch it does not show yet is old. The browsers work on the same
processor as the training, so the processor time of the web process is printed too: that alone is
what Lightbox spends on those who watch.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

from dashboard.core.runs import store
from tests.e2e.conftest import ARGUMENTS, browser_path
from tests.server import HTTP, Lightbox

WATCHERS, ALONE_S, WATCHED_S = 3, 15.0, 20.0
RECIPE = {"dataset": "cifar10", "network": "doc-003", "epochs": 100, "batch_size": 32}

NOTE_NEWEST = """() => {
    window.seen = []
    setInterval(() => {
        const chart = document.querySelector('.st-key-curve-loss .js-plotly-plot')
        const steps = chart && chart.data && chart.data[0].x
        if (steps && steps.length) window.seen.push([Date.now(), steps[steps.length - 1]])
    }, 100)
}"""


def main(home: Path) -> None:
    """Print how far the pages are behind, and images per second without and with them."""
    os.environ["LIGHTBOX_HOME"] = str(home)
    lightbox = Lightbox(home)
    lightbox.start()
    try:
        lightbox.wait_ready()
        _measure(lightbox)
    finally:
        lightbox.end_runs()
        lightbox.stop()


def _measure(lightbox: Lightbox) -> None:
    run_id = HTTP.post(f"{lightbox.url}/api/v1/runs", json=RECIPE).json()["id"]
    while len(_stamps(run_id)) < 100:
        time.sleep(0.5)
    assert lightbox.process is not None
    web = psutil.Process(lightbox.process.pid)
    alone = _speed(run_id, web, lambda: time.sleep(ALONE_S))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        pages = [browser.new_context().new_page() for _ in range(WATCHERS)]
        for page in pages:
            page.goto(f"{lightbox.url}/train?run={run_id}")
            page.locator(".st-key-curve-loss .main-svg").first.wait_for(timeout=60_000)
            page.evaluate(NOTE_NEWEST)
        watched = _speed(run_id, web, lambda: pages[0].wait_for_timeout(1000 * WATCHED_S))
        seen = [page.evaluate("window.seen") for page in pages]
        browser.close()
    stamps = _stamps(run_id)
    for number, moments in enumerate(seen, 1):
        print(f"browser {number}: {_described(_behind(moments, stamps))}")
    for name, (images, share) in {"nobody": alone, f"{WATCHERS} browsers": watched}.items():
        print(f"watched by {name}: {images:.0f} images/s, web process {share:.0%} of a core")


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


def _described(ages: list[float]) -> str:
    most = statistics.quantiles(ages, n=20)[-1]
    return (
        f"behind by {statistics.median(ages):.2f} s (median), {most:.2f} s (95 %), "
        f"{max(ages):.2f} s (most of {len(ages)})"
    )


def _speed(run_id: str, web: psutil.Process, wait: Callable[[], object]) -> tuple[float, float]:
    """Return images per second and the web process' share of a core while `wait` waits."""
    before, used, start = _stamps(run_id)[-1], sum(web.cpu_times()[:2]), time.monotonic()
    wait()
    share = (sum(web.cpu_times()[:2]) - used) / (time.monotonic() - start)
    after = _stamps(run_id)[-1]
    batches, seconds = after[0] - before[0], (after[1] - before[1]) / 1000
    return batches * RECIPE["batch_size"] / seconds, share


if __name__ == "__main__":
    main(Path(sys.argv[1]))
