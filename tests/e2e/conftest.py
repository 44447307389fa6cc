"""A real Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright

SHOTS = Path(__file__).parent / "shots"

expect.set_options(timeout=30_000)  # the 5 s of Playwright are short on a busy machine

# Without these, Chromium's own background requests fill the log of a machine without a network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path() -> str | None:
    """The system's Chromium, or None for Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Not for the session: Playwright keeps an event loop running, and other tests run their own.
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.set_default_timeout(30_000)
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    yield context.new_page()
    context.close()
    assert not [text for text in said if "Content Security" in text]


def shot(page: Page, name: str) -> None:
    """Leave a screenshot for people to look at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def choose(box: Locator, name: str) -> None:
    """Choose from a menu, opened again if it closed because the page still moved."""
    option = box.page.get_by_role("option", name=name, exact=True)
    for _ in range(10):
        box.click()
        try:
            option.click(timeout=3_000)
            break
        except TimeoutError:
            continue
    expect(box).to_have_value(name)
