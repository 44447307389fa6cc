"""A model made elsewhere, from the form to its first heatmap, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.core.settings import REPOSITORY
from tests.core.models.foreign import hostile, keras_2
from tests.e2e.conftest import shot
from tests.server import HTTP, Lightbox

EXAMPLE = REPOSITORY / "assets" / "examples" / "7.png"
DIGITS = REPOSITORY / "models" / "digits" / "model.keras"


def fill(page: Page, lightbox: Lightbox, model: Path, classes: list[str] | Path, name: str) -> None:
    page.goto(f"{lightbox.url}/explain")
    page.get_by_role("button", name="Import a model").click()
    dialog = page.get_by_role("dialog")
    inputs = dialog.locator("input[type=file]")
    inputs.nth(0).set_input_files(model)
    if isinstance(classes, Path):
        expect(inputs.nth(1)).to_be_enabled()  # once the model is there
        inputs.nth(1).set_input_files(classes)
        expect(dialog.get_by_text(classes.name)).to_be_visible()
    else:
        dialog.get_by_label("Classes").fill("\n".join(classes))
    dialog.get_by_label("Name", exact=True).fill(name)
    inputs.nth(2).set_input_files(EXAMPLE)
    dialog.get_by_role("button", name="Start import").click()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_guessed_range_is_shown_and_changed(
    page: Page, lightbox: Lightbox, tmp_path: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    keras_2.write(tmp_path / "old.h5", 24, keras_2.weights(3))
    name = f"old-{width}"
    fill(page, lightbox, tmp_path / "old.h5", ["cat", "dog", "fish"], name)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The range of pixel values is a guess")).to_be_visible(timeout=90_000)
    expect(dialog.get_by_role("button", name="Start import")).to_be_hidden()
    shot(page, f"import-model-{width}")
    dialog.get_by_text("−1 to 1: as MobileNet and Inception").last.click()
    dialog.get_by_role("button", name="Publish with this range instead").click()
    expect(dialog.get_by_text("The range of pixel values is a guess")).to_be_hidden(timeout=90_000)
    card = HTTP.get(f"{lightbox.url}/api/v1/models/{name}").json()
    assert card["origin"]["value_range"] == "-1..1"
    assert card["origin"]["source"] == "old.h5"
    assert not card["origin"]["guessed"]
    assert "--range -1..1" in card["command"]


def test_a_model_of_digits_answers_is_explained_and_measured(
    page: Page, lightbox: Lightbox, tmp_path: Path
) -> None:
    table = tmp_path / "classes.csv"
    table.write_text("index,label\n" + "\n".join(f"{n},{n}" for n in range(10)))
    fill(page, lightbox, DIGITS, table, "foreign-digits")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("28 × 28 × 1, 10 classes")).to_be_visible(timeout=90_000)
    shot(page, "import-model-digits")
    dialog.get_by_role("button", name="See why it decides").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Answered by foreign-digits")).to_be_visible(timeout=90_000)
    page.get_by_text("About this model").click()
    expect(page.get_by_text("model.keras, Keras")).to_be_visible()
    page.get_by_text("imported from").scroll_into_view_if_needed()
    shot(page, "import-model-explain")
    page.get_by_role("button", name="Measure how far to trust it").click()
    expect(page.get_by_text("Measured on the data set digits")).to_be_visible(timeout=120_000)
    page.get_by_text("How far to trust it", exact=True).scroll_into_view_if_needed()
    shot(page, "import-model-measured")
    card = HTTP.get(f"{lightbox.url}/api/v1/models/foreign-digits").json()
    assert (card["dataset"], card["trust"]["dataset"]["name"]) == (None, "digits")


def test_the_form_in_chinese(page: Page, lightbox: Lightbox) -> None:
    page.goto(f"{lightbox.url}/explain?lang=zh")
    page.get_by_role("button", name="导入模型").click()
    expect(page.get_by_role("dialog").get_by_text("像素值的范围")).to_be_visible()
    shot(page, "import-model-zh")


def test_a_hostile_file_is_one_sentence(page: Page, lightbox: Lightbox, tmp_path: Path) -> None:
    bad = hostile.with_layer(
        DIGITS, tmp_path / "bad.keras", module="os", class_name="system", config={}
    )
    fill(page, lightbox, bad, list("0123456789"), "bad")
    expect(page.get_by_text("The model holds “os.system”")).to_be_visible(timeout=90_000)
    shot(page, "import-model-refused")
    assert HTTP.get(f"{lightbox.url}/api/v1/models/bad").status_code == 404
