"""Many pictures in a real browser: from the switch to the heat map of one of them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.core.settings import REPOSITORY
from tests.archives import packed
from tests.e2e.conftest import choose, shot
from tests.server import Lightbox

EXAMPLES = REPOSITORY / "assets" / "examples"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The example digits in folders of their class, one in a wrong one, one in none, one broken."""
    files = [(f"{file.stem}/{file.name}", file.read_bytes()) for file in EXAMPLES.glob("*.png")]
    seven = (EXAMPLES / "7.png").read_bytes()
    files += [("1/7.png", seven), ("=7.png", seven), ("1/broken.png", b"\x89PNG rubbish")]
    path = tmp_path / "digits.zip"
    path.write_bytes(packed(files))
    return path


def test_classify_a_zip_look_at_a_wrong_one_and_save(
    page: Page, lightbox: Lightbox, archive: Path
) -> None:
    page.goto(f"{lightbox.url}/upload")
    page.get_by_role("radio", name="Many pictures").click()
    expect(page).to_have_url(re.compile("view=many"))
    start = page.get_by_role("button", name="Classify the pictures")
    expect(start).to_be_disabled()
    page.locator("input[type=file]").set_input_files(archive)
    expect(start).to_be_enabled()
    start.click()
    expect(page.get_by_test_id("stMetric").filter(has_text="Pictures")).to_contain_text("8")
    expect(page.get_by_test_id("stMetric").filter(has_text="Accuracy")).to_contain_text("n = 6")
    shot(page, "batch")

    page.get_by_role("radio", name=re.compile("Wrong")).click()
    expect(page).to_have_url(re.compile("rows=wrong"))
    expect(page.get_by_text("Choose a row")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(1)  # the one before is gone
    table = page.get_by_test_id("stDataFrame")
    expect(table.get_by_label("Download as CSV")).to_be_hidden()  # it writes formulas
    table.click(position={"x": 20, "y": 72})  # the box of the first row
    expect(page.get_by_role("heading", name="1/7.png")).to_be_visible()
    expect(page.get_by_text("What the network sees")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("Answered by")).to_be_visible()  # what is below it stays then
    expect(page.get_by_test_id("stStatusWidget")).to_be_hidden()
    shot(page, "batch-explained")

    page.get_by_text("This is wrong").click()
    hand_in = page.get_by_role("button", name="Hand in")
    expect(hand_in).to_be_disabled()
    choose(page.get_by_role("combobox", name="It is"), "1")
    expect(hand_in).to_be_disabled()  # without consent
    page.get_by_text("I agree that this picture").click()
    expect(page.get_by_role("checkbox", name=re.compile("I agree"))).to_be_checked()
    expect(hand_in).to_be_enabled()
    hand_in.click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    shot(page, "batch-handed-in")
    (item,) = (lightbox.home / "feedback").glob("[!.]*/item.json")
    kept = json.loads(item.read_text("utf-8"))
    assert (kept["answer"], kept["label"]) == ("7", "1")
    shutil.rmtree(item.parent)

    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text("utf-8-sig"))))
    assert len(rows) == 8  # of all, whatever is shown
    assert {row["File"] for row in rows if row["Answer"] == "7"} == {
        "7/7.png", "1/7.png", "'=7.png",
    }  # fmt: skip
    (broken,) = [row for row in rows if not row["Answer"]]
    assert (broken["Probability"], broken["File"]) == ("", "1/broken.png")
