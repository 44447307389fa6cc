"""A run that is watched in a real browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.core.settings import REPOSITORY
from tests.e2e.conftest import shot
from tests.server import HTTP, Lightbox
from tests.steady_run import accuracy


@pytest.fixture(scope="module")
def run_id(lightbox: Lightbox) -> Iterator[str]:
    """A run that goes on for as long as these tests do."""
    HTTP.get(f"{lightbox.url}/api/v1/runs", timeout=120)  # makes the store
    command = [sys.executable, "-m", "tests.steady_run"]
    environment = {**os.environ, "LIGHTBOX_HOME": str(lightbox.home)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, cwd=REPOSITORY
    ) as worker:
        assert worker.stdout
        yield worker.stdout.readline().strip()
        lightbox.end_runs()


@pytest.fixture
def watched(page: Page, lightbox: Lightbox, run_id: str) -> Page:
    page.goto(f"{lightbox.url}/train?run={run_id}")
    expect(loss(page)).to_have_attribute(
        "aria-label", re.compile(r"batch [\d,]{3,}:"), timeout=90_000
    )
    return page


def loss(page: Page) -> Locator:
    return page.locator(".live canvas").first


def step(page: Page) -> int:
    return int(page.locator(".live").first.get_attribute("data-step") or 0)


def drawn(canvas: Locator) -> int:
    """How many pixels of a canvas are not empty."""
    return canvas.evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
        ".filter((value, place) => place % 4 === 3 && value > 0).length"
    )


def further(page: Page, than: int) -> None:
    deadline = time.monotonic() + 30
    while step(page) <= than:
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)


def test_charts_and_progress_follow_the_run(watched: Page) -> None:
    before, shown = step(watched), drawn(loss(watched))
    assert shown > 1000
    further(watched, before)
    expect(watched.locator(".live .position")).to_have_text(
        re.compile(r"epoch \d+ of 1000, batch \d+ of 100000")
    )
    assert float(watched.locator(".live progress").evaluate("bar => bar.value")) > 0
    figures = watched.locator(".live dl")
    expect(figures).to_contain_text("Images per second3,200")
    expect(figures).to_contain_text("Memory512 MB")
    assert watched.locator(".live canvas").count() == 3
    assert watched.locator(".st-key-curve-loss").count() == 0


def test_the_pointer_reads_the_values_of_a_batch(watched: Page) -> None:
    figure = watched.locator(".live figure").nth(1)
    box = figure.locator("canvas").bounding_box()
    assert box
    outputs = figure.locator("output")
    watched.mouse.move(box["x"] + 57, box["y"] + 60)  # the first stretch of batches
    watched.wait_for_timeout(1000)
    expect(outputs.nth(2)).to_have_text("0.5")  # validated after batch 100
    first = float(outputs.nth(0).inner_text())
    assert accuracy(1) <= first <= accuracy(64)
    watched.mouse.move(10, 10)
    before = float(outputs.nth(2).inner_text())
    assert before == pytest.approx(accuracy(step(watched)), abs=0.05)
    assert float(outputs.nth(0).inner_text()) > first


def test_after_an_epoch_the_rest_is_drawn_anew_by_itself(watched: Page) -> None:
    shown = watched.get_by_test_id("stSliderThumbValue").last
    epoch = shown.inner_text(timeout=60_000)
    expect(shown).not_to_have_text(epoch, timeout=60_000)
    assert int(shown.inner_text()) > int(epoch)


def test_a_page_that_nobody_sees_asks_nothing(watched: Page) -> None:
    asked: list[str] = []
    watched.on("request", lambda request: asked.append(request.url))
    see = (
        "value => { Object.defineProperty(document, 'hidden', {value, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange')) }"
    )
    watched.evaluate(see, True)
    watched.wait_for_timeout(1000)
    asked.clear()
    watched.wait_for_timeout(2000)
    assert not [url for url in asked if "/live" in url]
    before = step(watched)
    watched.evaluate(see, False)
    further(watched, before)


def test_it_says_when_nobody_answers_and_goes_on_when_somebody_does(watched: Page) -> None:
    watched.route("**/live?*", lambda route: route.abort())
    expect(watched.get_by_text("Lightbox does not answer")).to_be_visible(timeout=30_000)
    watched.unroute("**/live?*")
    expect(watched.locator(".live .position")).to_contain_text("epoch")


def test_more_curves_are_followed_only_while_they_are_open(watched: Page) -> None:
    asked: list[str] = []
    watched.on("request", lambda request: asked.append(request.url))
    watched.get_by_text("Learning rate and gradient").click()
    more = watched.locator(".st-key-live-learning_rate canvas")
    expect(more).to_have_count(2)
    expect(more.first).to_have_attribute("aria-label", re.compile("Learning rate, batch"))
    assert [url for url in asked if "key=gradient_norm" in url]
    watched.get_by_text("Learning rate and gradient").click()
    expect(more).to_have_count(0)
    watched.wait_for_timeout(1000)
    asked.clear()
    watched.wait_for_timeout(1500)
    assert not [url for url in asked if "key=gradient_norm" in url]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_it_fits(
    browser: Browser, lightbox: Lightbox, run_id: str, width: int, language: str, theme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 2600}, color_scheme=theme, locale="en-US"
    )
    page = context.new_page()
    page.goto(f"{lightbox.url}/train?run={run_id}&lang={language}")
    expect(loss(page)).to_have_attribute("aria-label", re.compile(r"\d{3}"), timeout=90_000)
    page.wait_for_timeout(1500)
    shot(page, f"live-{language}-{theme}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    for part in page.locator(".live figure, .live dl > div").all():
        box = part.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert part.evaluate("part => part.scrollWidth - part.clientWidth") <= 0
    context.close()


def test_at_its_end_the_charts_can_be_zoomed(watched: Page, lightbox: Lightbox) -> None:
    lightbox.end_runs()
    expect(watched.locator(".st-key-curve-loss .js-plotly-plot")).to_be_visible(timeout=60_000)
    expect(watched.locator(".st-key-range-test .js-plotly-plot")).to_be_visible()
    expect(watched.locator(".live")).to_have_count(0)
    shot(watched, "range-test")
