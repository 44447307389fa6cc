"""Class names that would do harm where they are taken for markup (BAD_INPUT.md, row Z22)."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page

from tests import archives
from tests.e2e.conftest import shot
from tests.server import Lightbox


@pytest.fixture(scope="module")
def names(lightbox: Lightbox) -> list[str]:
    make = {row: make for row, make, _ in archives.ARCHIVES}["Z22 names"]
    files = {"archive": ("names.zip", make(), "application/zip")}
    answer = httpx.post(
        f"{lightbox.url}/api/v1/datasets", files=files, data={"name": "names"}, timeout=60
    )
    assert answer.status_code == 201, answer.text
    classes: list[str] = answer.json()["classes"]
    return classes


MARKUP = [
    name for name in archives.LABELS if not name.isalnum() and len(name.strip()) in range(4, 50)
]


@pytest.mark.parametrize("view", ["images", "statistics"])
def test_names_are_shown_as_they_are(lightbox: Lightbox, names: list[str], page: Page, view: str):
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.goto(f"{lightbox.url}/explore?dataset=names&view={view}")
    for name in MARKUP if view == "images" else ["Class"]:
        page.get_by_text(name, exact=True).first.wait_for()
    page.wait_for_load_state("networkidle")
    shot(page, f"names-{view}")
    made = "script:not([src]), img[src=x], strong:text('md'), .katex, span:text-is('49')"
    assert page.locator("[data-testid=stMain]").locator(made).count() == 0
    assert not asked


def test_the_name_of_a_picture_is_shown_as_it_is(lightbox: Lightbox, names: list[str], page: Page):
    page.goto(f"{lightbox.url}/explore?dataset=names&class=%3Cscript%3E")
    page.get_by_text("1 images, page 1").wait_for()
    page.get_by_text("<script>", exact=True).last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("<script>").first.wait_for()
    shot(page, "names-dialog")
    assert dialog.locator("script").count() == 0
