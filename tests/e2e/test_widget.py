"""The widget in a real browser: several models, examples, feedback, camera, keyboard."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from dashboard.widget.examples import example_paths
from tests.e2e.conftest import ARGUMENTS, browser_path, shot
from tests.server import Lightbox

HORSE = example_paths("cifar10")[3]


@pytest.fixture
def camera(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page of a browser whose camera looks at a horse."""
    frame = io.BytesIO()
    Image.open(HORSE).resize((480, 480), Image.Resampling.BICUBIC).save(frame, "JPEG")
    film = tmp_path / "horse.mjpeg"
    film.write_bytes(frame.getvalue() * 30)
    fake = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    launched = browser.browser_type.launch(executable_path=browser_path(), args=[*ARGUMENTS, *fake])
    yield launched.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
    launched.close()


def overflow(page: Page) -> int:
    """By how much the page is wider than the screen, in pixels."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wider


def open_camera(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=re.compile("Live camera")).click()
    expect(page.get_by_text("No picture is stored.")).to_be_visible()  # before it starts
    page.get_by_role("button", name="Start the camera").click()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("query", ["model=digits&model=cifar10", "model=digits,cifar10"])
def test_the_address_puts_models_side_by_side(
    page: Page, lightbox: Lightbox, width: int, query: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{lightbox.url}/classify/?{query}")
    expect(page.get_by_role("heading", name="cifar10")).to_be_visible()  # before there is a picture
    page.locator("#image input[type=file]").set_input_files(HORSE)
    expect(page.locator("#answer h2")).to_have_text("I don’t know")
    expect(page.locator("#answer-2 h2")).to_have_text("horse")
    expect(page.locator("#answer-3")).to_have_count(0)
    expect(page.locator("#announced")).to_have_text("digits: I don’t know. cifar10: horse.")
    first, second = (page.locator(f"#answers-{n}").bounding_box() for n in (1, 2))
    assert first is not None
    assert second is not None
    beside = second["x"] >= first["x"] + first["width"]
    assert beside == (width == 1280)
    assert overflow(page) <= 0
    shot(page, f"widget-compare-{width}")


def test_who_is_faster_than_the_page_is_answered_by_the_model_it_shows(
    page: Page, lightbox: Lightbox
) -> None:
    page.goto(f"{lightbox.url}/classify/?model=cifar10")
    page.locator("#image input[type=file]").set_input_files(HORSE)
    expect(page.locator("#answer h2")).to_have_text("horse")


def test_a_choice_is_kept_in_the_address(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/classify/?model=cifar10")
    expect(page.get_by_label("Model", exact=True)).to_have_value("cifar10")
    page.get_by_label("Compare with").click()
    page.get_by_role("option", name="digits", exact=True).click()
    page.wait_for_url(re.compile("model=cifar10%2Cdigits"))
    expect(page.locator("#answer-2")).to_be_visible()


def test_an_example_is_answered_by_its_own_model(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/classify/?model=digits,cifar10")
    page.get_by_role("button", name="Examples for cifar10 4").click()
    expect(page.locator("#answer h2")).to_have_text("horse")
    expect(page.locator("#summary")).to_contain_text("cifar10")
    expect(page.locator("#answer-2")).to_have_count(0)
    expect(page.get_by_label("Model", exact=True)).to_have_value("cifar10")
    page.get_by_role("button", name="Examples for digits 4").click()
    expect(page.locator("#answer h2")).to_have_text("7")
    expect(page.locator("#summary")).to_contain_text("digits")
    page.get_by_label("Remove Image").click()
    expect(page.locator("#answer h2")).to_have_count(0)


def test_a_long_class_stays_in_its_box(page: Page, lightbox: Lightbox) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{lightbox.url}/classify/?model=cifar10")
    page.locator("#image input[type=file]").set_input_files(HORSE)
    expect(page.locator("#answer h2")).to_have_text("horse")
    box = page.locator("#answer")
    box.evaluate(
        "box => box.querySelectorAll('h2, dt').forEach("
        "it => it.textContent = 'Staffordshire_bullterrier_' + 'x'.repeat(60))"
    )
    wider = "it => Math.max(0, it.scrollWidth - it.clientWidth)"
    assert [box.evaluate(wider), box.locator("h2").evaluate(wider)] == [0, 0]


def test_what_failed_is_said_once(page: Page, lightbox: Lightbox, tmp_path: Path) -> None:
    page.goto(f"{lightbox.url}/classify/?model=cifar10")
    for number, example in enumerate(example_paths("cifar10")[:2]):
        page.locator("#image input[type=file]").set_input_files(example)
        expect(page.locator("#answer h2")).not_to_have_count(0)
        if number:
            expect(page.locator("#visit")).to_be_visible()
        page.get_by_label("Remove Image").click()
        expect(page.locator("#answer h2")).to_have_count(0)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(HORSE.read_bytes()[:300])
    page.locator("#image input[type=file]").set_input_files(broken)
    expect(page.locator("#answer .error")).to_be_visible()
    expect(page.locator("#visit > .wrap")).to_be_hidden()  # its pictures are not covered


def test_a_wrong_answer_is_handed_in(page: Page, lightbox: Lightbox) -> None:
    kept = lightbox.home / "feedback"
    shutil.rmtree(kept, ignore_errors=True)
    page.goto(f"{lightbox.url}/classify/?model=cifar10")
    expect(page.get_by_label("Model", exact=True)).to_have_value("cifar10")
    page.locator("#image input[type=file]").set_input_files(HORSE)
    expect(page.locator("#summary")).to_contain_text("cifar10")
    page.get_by_role("button", name=re.compile("This is wrong")).click()
    page.get_by_label("It is").click()
    page.get_by_role("option", name="dog", exact=True).click()
    page.get_by_role("button", name="Hand in").click()
    told = page.locator("#feedback-told [role=status]")
    expect(told).to_contain_text("only kept if you agree")
    assert not list(kept.rglob("*.png"))
    page.get_by_label(re.compile("I agree")).check()
    page.get_by_role("button", name="Hand in").click()
    expect(told).to_have_text("Thank you. It waits to be looked at, as “dog”.")
    assert len(list(kept.rglob("*.png"))) == 1
    shot(page, "widget-feedback")
    shutil.rmtree(kept)


def test_the_live_camera_names_what_it_sees(camera: Page, lightbox: Lightbox) -> None:
    waiting, most = 0, 0

    def count(change: int) -> None:
        nonlocal waiting, most
        waiting += change
        most = max(most, waiting)

    def asks(request: object) -> bool:
        return str(getattr(request, "url", "")).endswith("/api/v1/classify")

    camera.on("request", lambda request: count(1) if asks(request) else None)
    camera.on("requestfinished", lambda request: count(-1) if asks(request) else None)
    camera.on("requestfailed", lambda request: count(-1) if asks(request) else None)
    open_camera(camera, f"{lightbox.url}/classify/?model=cifar10")
    seen = camera.locator("#camera .headline")
    expect(seen).to_have_text("horse")
    camera.wait_for_timeout(3000)
    assert most == 1  # never a frame while another is being looked at
    shot(camera, "widget-camera")
    camera.get_by_label("Model", exact=True).click()
    camera.get_by_role("option", name="digits", exact=True).click()
    expect(seen).to_have_text("I don’t know")
    camera.get_by_role("button", name="Stop the camera").click()
    expect(camera.locator("#camera video")).to_be_hidden()
    assert camera.evaluate("document.querySelector('#camera video').srcObject") is None


@pytest.mark.parametrize(
    ("shares", "expected"), [((0.9, 0.8, 0.1), "cat · dog"), ((0.4, 0.3, 0.1), "–")]
)
def test_the_camera_names_all_that_applies(
    camera: Page, lightbox: Lightbox, shares: tuple[float, ...], expected: str
) -> None:
    found = zip(("cat", "dog", "fish"), shares, strict=True)
    predictions = [{"label": label, "probability": share, "task": ""} for label, share in found]
    answer = {"predictions": predictions, "assurance": None, "several": True, "notes": []}
    camera.route("**/api/v1/classify", lambda route: route.fulfill(json=answer))
    open_camera(camera, f"{lightbox.url}/classify/?model=cifar10")
    expect(camera.locator("#camera .headline")).to_have_text(expected)


def test_the_camera_stops_when_nobody_looks(camera: Page, lightbox: Lightbox) -> None:
    camera.clock.install()
    open_camera(camera, f"{lightbox.url}/classify/?model=cifar10")
    camera.clock.run_for(3000)
    expect(camera.locator("#camera .headline")).to_have_text("horse")
    camera.clock.fast_forward(61_000)
    told = camera.locator("#camera .told")
    expect(told).to_have_text("The camera was stopped after a minute.")
    engine = psutil.Process(lightbox.engine_pid)
    engine.suspend()  # so that the next question still waits when the minute is over
    with camera.expect_request("**/api/v1/classify"):
        camera.get_by_role("button", name="Go on").click()
    camera.clock.fast_forward(61_000)
    engine.resume()
    expect(told).to_have_text("The camera was stopped after a minute.")
    camera.get_by_role("button", name="Go on").click()
    expect(camera.locator("#camera video")).to_be_visible()
    camera.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    expect(told).to_have_text("The camera was stopped because you left this tab.")
    expect(camera.get_by_role("button", name="Go on")).to_be_visible()


def test_a_camera_that_is_not_there_is_one_sentence(page: Page, lightbox: Lightbox) -> None:
    open_camera(page, f"{lightbox.url}/classify/")
    told = page.locator("#camera .told")
    expect(told).to_have_text(re.compile("camera"))
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()


def test_a_snapshot_is_answered(camera: Page, lightbox: Lightbox) -> None:
    camera.goto(f"{lightbox.url}/classify/?model=cifar10")
    camera.get_by_label("Capture from camera").click()
    camera.get_by_text("Click to Access Webcam").click()
    camera.get_by_label("capture photo").click()
    expect(camera.locator("#answer h2")).to_have_text("horse")


def test_everything_is_reached_by_keyboard(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/classify/?model=cifar10")
    page.locator("#image input[type=file]").set_input_files(HORSE)
    expect(page.locator("#answer h2")).to_have_text("horse")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "(() => { const e = document.activeElement; return ["
            "e.ariaLabel || e.closest('label')?.innerText || e.innerText,"
            "getComputedStyle(e).outlineStyle]})()"
        )
        if page.evaluate("document.activeElement !== document.body"):
            assert outline != "none", name
        reached.add(name.split("\n")[0].strip())
    wanted = {
        "Upload file", "Capture from camera", "Classify", "This is wrong", "Model", "Compare with",
        "Show why (the first time takes about 10 seconds)", "90%", "Examples for digits 1",
        "Live camera",
    }  # fmt: skip
    assert wanted <= reached, wanted - reached
