"""Comparing runs in a real browser: from the list to the verdict, and a link to the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from dashboard.core.data.store import get_dataset
from dashboard.core.runs import tracking
from dashboard.core.settings import settings
from tests.e2e.conftest import shot
from tests.finished_runs import finished_run, trained_curve
from tests.server import HTTP, Lightbox

CHARTS = ", ".join(
    f"[class*=st-key-{name}] .js-plotly-plot" for name in ("compare-", "interval-", "agreement")
)


@pytest.fixture(scope="module")
def run_ids(lightbox: Lightbox) -> Iterator[list[str]]:
    """Two runs in the home of the running Lightbox, the second and newer one the worse."""
    HTTP.get(f"{lightbox.url}/api/v1/runs").raise_for_status()  # it has made its database
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(lightbox.home))
        settings.cache_clear()
        tracking.forget()
        digits = get_dataset("digits")
        ids = [finished_run(digits, range(1)), finished_run(digits, range(30), learning_rate=0.1)]
        for run_id in ids:
            trained_curve(run_id, [2.0, 1.0, 0.5, 0.25])
        yield ids
        for run_id in ids:
            tracking.delete_run(run_id)
    tracking.forget()
    settings.cache_clear()


def test_from_a_run_to_the_comparison(page: Page, lightbox: Lightbox, run_ids: list[str]) -> None:
    better, worse = run_ids
    page.goto(f"{lightbox.url}/train?run={worse}")
    page.get_by_text("Compare runs", exact=True).click()
    page.wait_for_url(re.compile("compare="))
    assert httpx.URL(page.url).params["compare"].split(",") == [worse, better]

    page.goto(f"{lightbox.url}/train?compare={better},{worse}")
    verdict = page.get_by_text(re.compile("A is better than B by"))
    expect(verdict).to_be_visible()
    expect(page.get_by_text("learning_rate").first).to_be_visible()
    expect(page.get_by_role("heading", name="Where A and B disagree")).to_be_visible()
    picture = page.locator(".tile img").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => { const image = document.querySelector('.tile img') ||"
        " [...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.tile img'))"
        ".find(Boolean); return image && image.naturalWidth > 0; }"
    )
    shot(page, "compare")

    page.get_by_text("seconds of training", exact=True).click()
    page.wait_for_url(re.compile("axis=seconds"))
    expect(verdict).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_fits_the_screen(
    page: Page, lightbox: Lightbox, run_ids: list[str], width: int, lang: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{lightbox.url}/train?compare={','.join(run_ids)}&lang={lang}")
    expect(page.locator(".letter")).to_have_count(2, timeout=30_000)
    expect(page.locator(CHARTS)).to_have_count(6, timeout=30_000)
    wide = "() => { const m = document.querySelector('[data-testid=stMain]');"
    assert page.evaluate(f"{wide} return m.scrollWidth - m.clientWidth; }}") <= 0
    shot(page, f"compare-{lang}-{width}")
