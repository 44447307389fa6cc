"""The whole path in a real browser: upload → label; train → watch → publish → classify."""

from __future__ import annotations

import io
import json
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from dashboard.core.settings import REPOSITORY
from tests.e2e.conftest import shot
from tests.server import HTTP, Lightbox
from tests.waiting import wait_for

EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"


def newest_batch(page: Page, least: int) -> int:
    """The newest batch that the page shows, as soon as it is beyond `least`."""
    live = page.locator(".live[data-step]")
    deadline = time.monotonic() + 90
    while not live.count() or int(live.get_attribute("data-step") or 0) <= least:
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)
    return int(live.get_attribute("data-step") or 0)


def test_upload_gives_the_right_label(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/classify/")
    page.locator("#image input[type=file]").set_input_files(EXAMPLE)
    expect(page.locator("#answer h2")).to_have_text("7")
    expect(page.locator("#summary")).to_contain_text("ms")
    shot(page, "widget-answer")


def test_an_example_is_shown_and_answered(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/classify/")
    page.get_by_role("button", name="Examples for digits 5").click()
    expect(page.locator("#answer h2")).to_have_text("8")
    picture = page.locator("#image img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 96


def test_the_widget_shows_why(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/classify/")
    page.locator("#image input[type=file]").set_input_files(EXAMPLE)
    expect(page.locator("#answer h2")).to_have_text("7")
    page.locator("#explain input").check()
    expect(page.locator("#why img")).to_be_visible(timeout=60_000)
    shot(page, "widget-why")


def test_the_widget_refuses_a_text_file_in_one_sentence(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/classify/")
    page.locator("#image input[type=file]").set_input_files(
        {"name": "cat.png", "mimeType": "image/png", "buffer": b"this is not a picture"}
    )
    # The first of them: on a busy machine the browser may send a picture twice.
    expect(page.get_by_text("not a picture that can be read").first).to_be_visible()
    shot(page, "widget-error")


def test_the_widget_speaks_chinese(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/classify/zh/")
    expect(page.get_by_role("heading", name="这张图里是什么？")).to_be_visible()
    page.locator("#image input[type=file]").set_input_files(
        {"name": "cat.png", "mimeType": "image/png", "buffer": b"this is not a picture"}
    )
    expect(page.get_by_text("不是可读取的图片").first).to_be_visible()
    shot(page, "widget-zh")


def test_the_interactive_api_page_lists_the_routes(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/api/docs")
    expect(page.get_by_text("/v1/classify", exact=True)).to_be_visible()


def test_train_watch_publish_classify(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/train?from=doc-001")
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("25")
    epochs.press("Enter")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile("run="))
    run_id = httpx.URL(page.url).params["run"]

    before = newest_batch(page, 20)
    shot(page, "train-live")

    page.reload()  # the view survives: same run, further on
    newest_batch(page, before)
    assert httpx.URL(page.url).params["run"] == run_id

    publish = page.get_by_role("button", name="Publish", exact=True)
    expect(publish).to_be_visible(timeout=120_000)
    page.get_by_role("textbox", name="Publish as").fill("my-digits")
    publish.click()
    expect(page.get_by_text("Published as my-digits")).to_be_visible()
    shot(page, "train-published")

    with EXAMPLE.open("rb") as image:
        answer = HTTP.post(
            f"{lightbox.url}/api/v1/classify", files={"image": image}, data={"model": "my-digits"}
        ).json()
    assert answer["model"] == "my-digits"
    assert answer["predictions"][0]["label"] == "7"

    page.goto(f"{lightbox.url}/explain?model=my-digits")
    expect(page.get_by_text(re.compile("Grad-CAM: what speaks for"))).to_be_visible(timeout=60_000)
    shot(page, "explain")


@pytest.fixture
def own_lightbox(tmp_path: Path) -> Iterator[Lightbox]:
    """A Lightbox that the test may kill."""
    with Lightbox(tmp_path / "home").running() as server:
        yield server


def test_training_survives_a_killed_web_process(own_lightbox: Lightbox) -> None:
    server = own_lightbox
    recipe = {"network": "doc-001", "epochs": 60}
    run_id = HTTP.post(f"{server.url}/api/v1/runs", json=recipe).json()["id"]

    def newest_step() -> int:
        curves = HTTP.get(f"{server.url}/api/v1/runs/{run_id}/metrics").json()
        return curves["loss"][-1][0] if "loss" in curves else 0

    wait_for(lambda: newest_step() >= 20, 150)
    before = newest_step()
    server.stop(signal.SIGKILL)
    # The worker alone: the engine went with its parent.
    wait_for(lambda: len(processes(server)) == 1)
    server.start()
    wait_for(lambda: newest_step() > before)
    assert HTTP.get(f"{server.url}/api/v1/runs/{run_id}").json()["status"] == "RUNNING"

    HTTP.post(f"{server.url}/api/v1/runs/{run_id}/stop").raise_for_status()
    run = wait_for(lambda: no_longer_running(server, run_id))
    assert run["status"] == "KILLED"
    assert run["metrics"]["test_accuracy"] > 0.5  # what it had learned was tested and kept
    wait_for(lambda: not any("dashboard.worker" in line for line in processes(server)))


def no_longer_running(server: Lightbox, run_id: str) -> dict[str, Any] | None:
    run: dict[str, Any] = HTTP.get(f"{server.url}/api/v1/runs/{run_id}").json()
    return None if run["status"] == "RUNNING" else run


def processes(server: Lightbox) -> list[str]:
    """The command lines of what lives on the home of `server`."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("LIGHTBOX_HOME") == str(server.home):
                found.append(" ".join(process.cmdline()))
    return found


def test_a_run_whose_worker_died_with_the_web_process_is_settled_at_the_next_start(
    own_lightbox: Lightbox,
) -> None:
    server = own_lightbox
    recipe = {"network": "doc-001", "epochs": 1000}
    run_id = HTTP.post(f"{server.url}/api/v1/runs", json=recipe).json()["id"]
    address = f"{server.url}/api/v1/runs/{run_id}"
    wait_for(lambda: "loss" in HTTP.get(address).json()["metrics"], 150)
    server.stop(signal.SIGKILL)
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cmdline()[-1:] == [run_id]:
                process.kill()
    server.start()
    run = wait_for(lambda: no_longer_running(server, run_id))
    assert run["status"] == "FAILED"
    assert "without a report" in run["error"]


def test_explore_finds_an_image_and_explains_it(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/explore?dataset=digits&class=3")
    tile = page.locator("button.tile").first
    tile.scroll_into_view_if_needed()  # the browser loads it then, not before
    expect(tile.locator("img")).to_have_js_property("complete", True)
    assert tile.locator("img").evaluate("image => image.naturalWidth") == 8
    shot(page, "explore")
    tile.click()
    expect(page.get_by_role("dialog")).to_contain_text("8 × 8")
    shot(page, "explore-image")
    page.get_by_role("dialog").get_by_role("link", name="Explain this image").click()
    page.wait_for_url(re.compile("/explain.*image="))
    expect(page.get_by_text(re.compile("what speaks for “3”"))).to_be_visible(timeout=60_000)


def test_a_zip_is_imported_by_page(page: Page, lightbox: Lightbox, tmp_path: Path) -> None:
    from tests.archives import packed, pets

    page.goto(f"{lightbox.url}/explore")
    page.get_by_role("button", name="Import").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "shapes.zip", "mimeType": "application/zip", "buffer": packed(pets(12))}
    )
    page.get_by_role("button", name="Start import").click()
    expect(page.get_by_text("shapes: 24 images, 2 classes")).to_be_visible(timeout=60_000)
    shot(page, "import-done")
    page.get_by_role("button", name="Show the images").click()
    expect(page.locator("button.tile")).to_have_count(24)
    assert httpx.URL(page.url).params["dataset"] == "shapes"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_look_like_a_product(
    browser: Browser, lightbox: Lightbox, width: int, language: str, theme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 1200},
        color_scheme="dark" if theme == "dark" else "light",
        locale="en-US",
    )
    page = context.new_page()
    titles = {
        "en": ("Lightbox", "Explore", "Train", "Explain", "Classify"),
        "zh": ("Lightbox", "浏览数据", "训练", "解释", "分类"),
    }
    paths = ("/", "/explore", "/train", "/explain", "/upload")
    names = ("home", "explore", "train", "explain", "classify")
    for path, name, title in zip(paths, names, titles[language], strict=True):
        page.goto(f"{lightbox.url}{path}?lang={language}")
        expect(page.locator("[data-testid=stMainBlockContainer] h1")).to_have_text(title)
        page.locator("[data-testid=stSkeleton], [data-testid=stSpinner]").first.wait_for(
            state="detached", timeout=60_000
        )
        assert page.locator("[data-testid=stException]").count() == 0
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{name} is wider than the screen by {overflow} px"
        page.wait_for_timeout(800)  # charts draw themselves in; only the picture needs this
        shot(page, f"{name}-{language}-{theme}-{width}")
    context.close()


def test_killing_the_engine_costs_503_and_is_soon_over(lightbox: Lightbox) -> None:
    (engine,) = lightbox.engines()
    engine.kill()
    killed = time.monotonic()
    image = io.BytesIO()
    Image.new("L", (8, 8)).save(image, "PNG")
    while True:
        response = HTTP.post(f"{lightbox.url}/api/v1/classify", files={"image": image.getvalue()})
        if response.status_code == 200:
            break
        assert response.status_code == 503, response.text
        assert int(response.headers["Retry-After"]) > 0
        assert json.loads(response.text)["error"]["message"].endswith(".")
        assert time.monotonic() - killed < 15
        time.sleep(0.05)
