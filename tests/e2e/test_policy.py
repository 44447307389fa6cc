"""What browsers are told about safety breaks no page: `page` fails where they complain."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dashboard.core.settings import REPOSITORY
from tests.server import Lightbox

EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"
PLACES = {
    "/": "Lightbox",
    "/explore?dataset=digits&view=images": "Explore",
    "/explore?dataset=digits&view=statistics": "Explore",
    "/explore?dataset=digits&view=map": "Explore",
    "/train?design=doc-001": "Train",
    "/explain": "Explain",
    "/classify/": "What is in this picture?",
    "/classify/zh/": "这张图里是什么",
    "/api/docs": "Lightbox",
}


@pytest.mark.parametrize(("path", "title"), PLACES.items())
def test_a_page_is_drawn_whole(page: Page, lightbox: Lightbox, path: str, title: str) -> None:
    page.goto(lightbox.url + path)
    expect(page.get_by_role("heading").filter(has_text=title).first).to_be_visible()
    page.wait_for_timeout(1500)  # what is loaded last; the widget keeps a connection open


def test_the_widget_takes_a_picture_and_shows_its_answer(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/classify/")
    page.locator("#image input[type=file]").set_input_files(EXAMPLE)
    expect(page.locator("#answer")).to_contain_text("7")
    shown = page.locator("#image img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") > 0  # its bytes were allowed in
