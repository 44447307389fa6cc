"""Filters, pages and the image dialog of Explore's gallery, on digits with their real check."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.quality.flags import Flags, load_flags
from dashboard.core.quality.kept import kept_images
from dashboard.core.settings import settings
from tests.pages.conftest import click, open_page

pytestmark = pytest.mark.usefixtures("checked")


def tiles(test: AppTest, number: int = 0) -> list[dict[str, str]]:
    """What a gallery of the page was given: the big one first, then those of the dialog."""
    items: list[dict[str, str]] = json.loads(test.get("bidi_component")[number].proto.json)["items"]
    return items


def caption(test: AppTest) -> str:
    return next(item.value for item in test.caption if ", page " in item.value)


def select(test: AppTest, label: str, value: object) -> None:
    next(box for box in test.selectbox if box.label == label).select(value).run()
    assert not test.exception


def digits() -> Dataset:
    return get_dataset("digits")


def flags() -> Flags:
    found = load_flags(digits())
    assert found is not None
    return found


def test_a_link_reproduces_the_view() -> None:
    test = open_page("explore", **{"class": "3", "split": "test", "sort": "brightness"})
    n = int(digits().counts().loc["3", "test"])
    assert caption(test).startswith(f"{n} images")
    index = digits().index.set_index("id")
    shown = index.loc[[tile["id"] for tile in tiles(test)]]
    assert {tile["label"] for tile in tiles(test)} == {"3"}
    assert set(shown["split"]) == {"test"}
    assert shown["brightness"].is_monotonic_increasing
    test = open_page("explore", flag="outlier", sort="uniqueness", falling="true")
    worst = flags().of("outlier")["id"].tolist()
    assert {tile["id"] for tile in tiles(test)} == set(worst)
    assert tiles(test)[0]["id"] == worst[0]


def test_another_filter_begins_at_the_first_page() -> None:
    test = open_page("explore", page="3")
    assert caption(test) == "1,797 images, page 3"
    select(test, "Split", "test")
    assert caption(test) == "180 images, page 1"
    assert "page" not in test.query_params
    assert test.query_params["split"] == "test"


def test_filters_can_be_cleared() -> None:
    test = open_page("explore", **{"class": "3", "split": "val", "file": "07", "sort": "name"})
    click(test, "Clear")
    assert caption(test) == "1,797 images, page 1"
    assert not {"class", "split", "file", "sort"} & set(test.query_params)
    assert "Clear" not in [button.label for button in test.button]


def test_a_choice_without_images_says_so() -> None:
    test = open_page("explore", file="no such file")
    assert [item.value for item in test.info] == ["No image matches this choice."]
    assert not open_page("explore", size="nonsense", page="999", sort="nonsense").error


def test_an_image_is_shown_with_what_is_known_of_it() -> None:
    image_id = flags().of("outlier")["id"].iloc[0]
    row = digits().row(image_id)
    test = open_page("explore", image=image_id)
    details = test.table[0].value["value"].to_dict()
    assert details["size"] == "8 × 8"
    assert details["class"] == digits().label(row["labels"])
    assert details["file"].replace("\\", "") == row["source"]
    assert details["brightness"] == f"{row['brightness']:.0f}"
    assert "It is unlike all others; it may not belong here." in [m.value for m in test.markdown]
    assert len(tiles(test, 1)) == 12
    assert image_id not in [tile["id"] for tile in tiles(test, 1)]


def test_the_copy_of_an_image_is_beside_it() -> None:
    row = flags().of("near_duplicate").iloc[0]
    test = open_page("explore", image=row["id"])
    assert [tile["id"] for tile in tiles(test, 1)] == [row["other_id"]]


def test_next_and_previous_lead_through_the_choice() -> None:
    ids = [tile["id"] for tile in tiles(open_page("explore", flag="outlier"))]
    test = open_page("explore", flag="outlier", image=ids[0])
    assert next(button for button in test.button if button.label == "Previous").disabled
    click(test, "Next")
    assert test.query_params["image"] == ids[1]
    click(test, "Next")
    click(test, "Previous")
    assert test.query_params["image"] == ids[1]


def test_an_unknown_image_is_one_sentence() -> None:
    test = open_page("explore", image="nonsense")
    assert len(test.error) == 1
    assert "There is no image “nonsense”" in test.error[0].value


def test_an_image_is_taken_out_and_brought_back() -> None:
    before, image_id = digits(), digits().index["id"].iloc[7]
    test = open_page("explore", image=image_id)
    next(item for item in test.text_input if item.key == "exclude-one-reason").input("smudge")
    click(test, "Exclude", "exclude-one")
    made = digits()
    assert set(before.index["id"]) - set(made.index["id"]) == {image_id}
    assert made.change is not None
    assert made.change.reason == "smudge"
    assert "image" not in test.query_params
    assert test.success[0].value == "Images taken out: 1. The version before is kept."
    click(test, "Undo")
    assert digits() == before
    assert not test.success


def test_an_image_gets_another_label() -> None:
    image_id = digits().index["id"].iloc[7]
    label = digits().label(digits().row(image_id)["labels"])
    other = "4" if label != "4" else "5"
    test = open_page("explore", image=image_id)
    select(test, "Right class", other)
    click(test, "Relabel", "relabel-one")
    assert digits().label(digits().row(image_id)["labels"]) == other


def test_a_flag_is_put_aside_from_the_dialog() -> None:
    image_id = flags().of("outlier")["id"].iloc[0]
    click(open_page("explore", image=image_id), "It is fine")
    assert kept_images(digits()) == {"outlier": [image_id]}
    assert image_id not in set(flags().of("outlier")["id"])


def test_a_demo_shows_images_but_changes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    settings.cache_clear()
    test = open_page("explore", image=flags().of("outlier")["id"].iloc[0])
    labels = {button.label for button in test.button}
    assert "Next" in labels
    assert not labels & {"Exclude", "Relabel", "It is fine", "Import"}


def test_file_names_are_shown_as_they_are() -> None:
    image_id = digits().index["id"].iloc[0]
    shown = open_page("explore", image=image_id).table[0].value["value"]["file"]
    stem = PurePosixPath(digits().row(image_id)["source"]).stem
    assert shown.endswith(f"{stem}\\.png")
