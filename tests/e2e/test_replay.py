"""The replay of a real run in a real browser."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import shot
from tests.server import HTTP, Lightbox
from tests.waiting import wait_for

EPOCHS = 6

SHOWN = """() => {
    const chart = (key) => [...document.querySelectorAll(`.st-key-${key} .js-plotly-plot`)].at(-1)
    const steps = (trace) => [...trace.x].filter((step) => step !== null)
    const matrix = chart('confusion')?.data[0].z
    return {
        loss: chart('curve-loss')?.data.map(steps),
        accuracy: chart('curve-accuracy')?.data.map(steps),
        matrix: matrix && JSON.stringify(matrix),
        images: [...document.querySelectorAll('.st-key-moment img')].map((image) => image.src),
    }
}"""

WATCH = """() => {
    window.holes = []
    window.places = new Set()
    const charts = ['curve-loss', 'curve-accuracy', 'confusion', 'class-accuracy']
    const tops = {}
    const look = () => {
        window.places.add(document.querySelector('.st-key-replay input[type=range]')?.value)
        for (const key of charts) {
            const all = [...document.querySelectorAll(`.st-key-${key} .js-plotly-plot`)]
            if (!all.some((chart) => chart.querySelector('.xtick'))) window.holes.push(key)
            const top = document.querySelector(`.st-key-${key}`)?.getBoundingClientRect().top
            if (key in tops && tops[key] !== top) window.holes.push(`${key} moved`)
            tops[key] = top
        }
        requestAnimationFrame(look)
    }
    look()
}"""


@pytest.fixture(scope="module")
def run(lightbox: Lightbox) -> dict[str, Any]:
    """A finished run on the digits, as the API tells of it."""
    recipe = {"network": "doc-001", "epochs": EPOCHS}
    run_id = HTTP.post(f"{lightbox.url}/api/v1/runs", json=recipe).json()["id"]
    address = f"{lightbox.url}/api/v1/runs/{run_id}"
    wait_for(lambda: HTTP.get(address).json()["ended"], 240)
    found: dict[str, Any] = HTTP.get(address).json()
    assert found["status"] == "FINISHED"
    return found


@pytest.fixture(scope="module")
def per_epoch(lightbox: Lightbox, run: dict[str, Any]) -> int:
    curves = HTTP.get(f"{lightbox.url}/api/v1/runs/{run['id']}/metrics").json()
    return curves["val_loss"][0][0]


def shown_at(page: Page, step: int) -> dict[str, Any]:
    """What the page shows when the loss is drawn up to `step`."""
    page.wait_for_function(
        f"() => {{ const shown = ({SHOWN})();"
        f"return shown.matrix && shown.images.length && shown.loss?.[0]?.at(-1) === {step}; }}"
    )
    return page.evaluate(SHOWN)


def test_charts_confusions_and_attention_move_together(
    page: Page, lightbox: Lightbox, run: dict[str, Any], per_epoch: int
) -> None:
    page.set_viewport_size({"width": 1280, "height": 1900})
    found = []
    for epoch in (1, 3, EPOCHS):
        page.goto(f"{lightbox.url}/train?run={run['id']}&at={epoch * per_epoch}")
        shown = shown_at(page, epoch * per_epoch)
        for chart in (shown["loss"], shown["accuracy"]):
            assert chart[0] == chart[1] == list(range(1, epoch * per_epoch + 1))
            assert chart[2] == [done * per_epoch for done in range(1, epoch + 1)]
        assert len(shown["images"]) == 8
        expect(page.get_by_text(re.compile(f"^epoch {epoch} of {EPOCHS}, batch"))).to_be_visible()
        expect(page.get_by_text("Test accuracy")).to_have_count(int(epoch == EPOCHS))
        found.append(shown)
        page.wait_for_timeout(500)  # charts draw themselves in; only the picture needs this
        shot(page, f"replay-epoch-{epoch}")
    for one, other in pairwise(found):
        assert one["matrix"] != other["matrix"]
        assert one["images"] != other["images"]


def test_the_keyboard_moves_the_bar(
    page: Page, lightbox: Lightbox, run: dict[str, Any], per_epoch: int
) -> None:
    page.goto(f"{lightbox.url}/train?run={run['id']}&at={2 * per_epoch}")
    shown_at(page, 2 * per_epoch)
    slider = page.locator(".st-key-replay input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(re.compile(f"at={2 * per_epoch}$"))
    page.keyboard.press("End")
    expect(page).not_to_have_url(re.compile("at="))
    expect(page.get_by_text("Test accuracy")).to_be_visible()
    expect(slider).to_be_focused()


def test_it_plays_to_the_end_without_a_hole(
    page: Page, lightbox: Lightbox, run: dict[str, Any], per_epoch: int
) -> None:
    page.goto(f"{lightbox.url}/train?run={run['id']}&at={per_epoch}")
    shown_at(page, per_epoch)
    page.get_by_role("combobox", name="How long the whole run takes").click()
    page.get_by_role("option", name="in 15 seconds").click()
    page.wait_for_timeout(500)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_text("Test accuracy")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    shown_at(page, EPOCHS * per_epoch)
    assert page.evaluate("window.holes") == []
    assert page.evaluate("window.places.size") > 3
    assert "at=" not in page.url


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_it_fits_on_a_phone(
    browser: Browser,
    lightbox: Lightbox,
    run: dict[str, Any],
    per_epoch: int,
    language: str,
    theme: str,
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 2400}, color_scheme=theme)
    page = context.new_page()
    page.goto(f"{lightbox.url}/train?run={run['id']}&at={2 * per_epoch}&lang={language}")
    shown_at(page, 2 * per_epoch)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.wait_for_timeout(500)  # charts draw themselves in; only the picture needs this
    shot(page, f"replay-{language}-{theme}-390")
    context.close()
