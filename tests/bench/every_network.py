"""Train every network and every document's recipe on three kinds of images, by both ways.

    .venv/bin/python -m tests.bench.every_network CIFAR.zip terminal
    .venv/bin/python -m tests.bench.every_network CIFAR.zip page [NETWORK …]

One epoch each on the digits, on 40 CIFAR-10 images of each class, and on 300×300 crops of four
photographs; `terminal` runs the command `train`, `page` fills in the form of the page Train in a
real Chromium. Prints how each run ended and its seconds. It shows that everything runs, not how
well: that takes more than an epoch. About half an hour each on two cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import gradio
import numpy as np
import sklearn
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from dashboard.core.models.network import Network
from dashboard.core.models.networks import NETWORKS
from tests.e2e.conftest import ARGUMENTS, browser_path
from tests.server import HTTP, Lightbox

_EACH = 40
_RECIPES = ("doc-000", "doc-001", "doc-002", "doc-003")

Train = Callable[[str, str], str]


def main(cifar: Path, way: str, *ids: str) -> None:
    """Make the data sets in a new home, train everything or `ids`, print a line each."""
    chosen = [network for network in NETWORKS if network.id in ids or not ids]
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        os.environ["LIGHTBOX_HOME"] = str(home)
        for made in (_some_of(cifar, Path(name) / "cifar-some"), _crops(Path(name) / "photos")):
            _dashboard("import", str(made))
        _dashboard("import", "digits")
        print("network", "digits", "cifar-some", "photos", sep="\t")
        if way == "terminal":
            _everything(chosen, _in_the_terminal)
        else:
            _on_the_page(chosen, home)


def _everything(networks: list[Network], train: Train) -> None:
    for network in networks:
        ends = []
        for dataset in ("digits", "cifar-some", "photos"):
            start = time.monotonic()
            ends.append(f"{train(network.id, dataset)} {time.monotonic() - start:.0f} s")
        print(network.id, *ends, sep="\t", flush=True)


def _in_the_terminal(network: str, dataset: str) -> str:
    recipe = network if network in _RECIPES else "doc-003"
    changes = ["epochs=1", f"network={network}"]
    options = [part for change in changes for part in ("--set", change)]
    result = json.loads(_dashboard("train", recipe, "--dataset", dataset, *options, "--json"))
    accuracy = result["card"]["metrics"][0]
    return f"{accuracy['value']:.0%} of {accuracy['n']}"


def _on_the_page(networks: list[Network], home: Path) -> None:
    lightbox = Lightbox(home)
    lightbox.start()
    lightbox.wait_ready()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(60_000)
        _everything(networks, lambda network, dataset: _by_form(page, lightbox, network, dataset))
        browser.close()
    lightbox.end_runs()
    lightbox.stop()


def _by_form(page: Page, lightbox: Lightbox, network: str, dataset: str) -> str:
    recipe = network if network in _RECIPES else "doc-003"
    label = next(entry.label for entry in NETWORKS if entry.id == network)
    page.goto(f"{lightbox.url}/train?from={recipe}&dataset={dataset}")
    _choose(page, "Data set", dataset)
    _choose(page, "Network", label)
    epochs = page.get_by_role("spinbutton", name="Epochs")
    page.locator("[data-test-script-state=notRunning]").wait_for()
    expect(epochs).to_have_count(1)  # until then the form before is still there
    epochs.fill("1")
    epochs.press("Enter")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**run=*")
    run_id = page.url.split("run=")[1].split("&")[0]
    status = "SCHEDULED"
    while status in ("SCHEDULED", "RUNNING"):
        page.wait_for_timeout(1000)
        status = HTTP.get(f"{lightbox.url}/api/v1/runs/{run_id}").json()["status"]
    if status != "FINISHED":
        return status
    value = page.get_by_test_id("stMetric").filter(has_text="Test accuracy")
    return value.get_by_test_id("stMetricValue").inner_text()


def _choose(page: Page, box: str, option: str) -> None:
    combobox = page.get_by_role("combobox", name=box).first
    if combobox.input_value() == option:
        return
    combobox.click()
    page.get_by_role("option", name=option, exact=True).click()


def _dashboard(*arguments: str) -> str:
    command = [sys.executable, "-m", "dashboard", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _some_of(cifar: Path, folder: Path) -> Path:
    with zipfile.ZipFile(cifar) as archive:
        names = [name for name in archive.namelist() if "/train/" in name and name.endswith(".jpg")]
        taken: dict[str, int] = {}
        for name in sorted(names):
            label = name.split("/")[-2]
            taken[label] = taken.get(label, 0) + 1
            if taken[label] <= _EACH:
                path = folder / label / Path(name).name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))
    return folder


def _crops(folder: Path) -> Path:
    generator = np.random.default_rng(0)
    learn = Path(sklearn.__file__).parent / "datasets/images"
    media = Path(gradio.__file__).parent / "media_assets/images"
    photos = (learn / "china.jpg", learn / "flower.jpg", media / "cheetah.jpg", media / "tower.jpg")
    for path in photos:
        pixels = np.asarray(Image.open(path).convert("RGB"))
        (folder / path.stem).mkdir(parents=True)
        side = min(300, *pixels.shape[:2])
        for number in range(_EACH):
            top, left = (int(generator.integers(0, n - side + 1)) for n in pixels.shape[:2])
            crop = Image.fromarray(pixels[top : top + side, left : left + side])
            crop.save(folder / path.stem / f"{number}.jpg")
    return folder


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
