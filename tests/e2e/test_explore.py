"""Explore in a real browser: what clicks, ticks, keys and files do to a gallery."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.core.settings import REPOSITORY
from tests.e2e.conftest import shot
from tests.server import HTTP, Lightbox

EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"


@pytest.fixture
def checked(page: Page, lightbox: Lightbox) -> str:
    """Address of Explore, its digits checked."""
    url = f"{lightbox.url}/explore"
    page.goto(f"{url}?view=quality")
    start = page.get_by_role("button", name="Check the quality")
    expect(start.or_(page.get_by_role("combobox", name="Fault"))).to_be_visible()
    if start.is_visible():
        start.click()
        expect(page.get_by_role("combobox", name="Fault")).to_be_visible(timeout=150_000)
    return url


def n_images(lightbox: Lightbox) -> int:
    return int(HTTP.get(f"{lightbox.url}/api/v1/datasets/digits").json()["report"]["kept"])


def test_look_step_tick_exclude_undo(page: Page, lightbox: Lightbox, checked: str) -> None:
    page.goto(f"{checked}?sort=uniqueness&falling=true")
    page.locator(".tile").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 of 1,797")).to_be_visible()
    expect(page).to_have_url(re.compile("image="))
    first = page.url
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("2 of 1,797")).to_be_visible()
    expect(page).not_to_have_url(first)
    second = page.url
    expect(dialog.locator(".tile")).to_have_count(12)
    shot(page, "explore-dialog")
    dialog.locator(".tile").first.click()  # to a neighbour
    expect(page).not_to_have_url(second)
    expect(dialog.get_by_text("2 of 1,797")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).not_to_have_url(re.compile("image="))

    page.goto(f"{checked}?view=quality&fault=outlier")
    boxes = page.get_by_role("checkbox").filter(visible=True)
    for number in (0, 1):
        boxes.nth(number).check()
    expect(page.get_by_text("The buttons act on the ticked images: 2.")).to_be_visible()
    expect(boxes.nth(1)).to_be_focused()  # also after the page was drawn anew: keys go on from here
    page.get_by_role("button", name="Exclude").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Exclude").click()
    expect(page.get_by_text("Images taken out: 2.")).to_be_visible()
    shot(page, "explore-excluded")
    assert n_images(lightbox) == 1795
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Images taken out: 2.")).to_be_hidden()
    assert n_images(lightbox) == 1797


def test_images_like_an_uploaded_one(page: Page, checked: str) -> None:
    page.goto(f"{checked}?view=map")
    page.get_by_text("Find images like one of yours").click()
    page.locator("input[type=file]").set_input_files(EXAMPLE)
    expect(page.get_by_text("Most like the uploaded image")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(12)
    captions = page.locator(".tile span").all_inner_texts()
    assert captions[0].startswith("7 · ")
    distances = [float(caption.split(" · ")[1]) for caption in captions]
    assert distances == sorted(distances)
