"""Many pictures on the page Classify."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.core.data.store import get_dataset
from dashboard.core.data.uploaded import MAX_PICTURES
from tests.archives import packed
from tests.pages.conftest import click, open_page

CLASSIFY = "Classify the pictures"


def digits(per_class: int) -> dict[str, list[bytes]]:
    dataset = get_dataset("digits")
    return {
        name: [
            dataset.image_path(image_id).read_bytes()
            for image_id in dataset.rows("test", index)["id"].iloc[:per_class]
        ]
        for index, name in enumerate(dataset.classes)
    }


def upload(test: AppTest, name: str, content: bytes) -> AppTest:
    test.file_uploader(key="pictures").upload(name, content).run()
    return test


def figures(test: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in test.metric}


@pytest.mark.usefixtures("running_engine")
def test_a_zip_of_class_folders_is_answered_and_scored() -> None:
    files = [(f"{name}/{n}.png", content) for name, contents in digits(3).items()
             for n, content in enumerate(contents)]  # fmt: skip
    swapped = [(f"7/{n}-swapped.png", content) for n, content in enumerate(digits(2)["1"])]
    broken = ("4/=broken.png", files[0][1][:-40])
    test = open_page("classify", view="many")
    assert test.query_params["models"] == "digits"
    upload(test, "digits.zip", packed([*files, *swapped, broken]))
    click(test, CLASSIFY)
    assert figures(test)["Pictures"] == "33"
    assert figures(test)["Unusable"] == "1"
    table = test.dataframe[0].value
    right = (table["Answer"] == table["True class"]).sum()
    assert figures(test)["Accuracy"] == f"{right / 32:.1%}"
    assert right < 32
    wrong = table[table["Wrong"] == "✗"]
    assert len(wrong) == 32 - right
    assert {"7/0-swapped.png", "7/1-swapped.png"} <= set(wrong["File"])
    (unusable,) = table[table["Answer"].isna()].to_dict("records")
    assert unusable["File"] == "4/=broken.png"
    assert "incomplete" in unusable["Remark"]
    assert test.dataframe[0].proto.HasField("placeholder")  # else its answer is “None”
    assert test.dataframe[0].proto.placeholder == ""

    test.toggle(key="folders-are-true").set_value(False).run()
    assert "Accuracy" not in figures(test)
    assert "True class" not in test.dataframe[0].value
    test.file_uploader(key="pictures").clear().run()
    assert not test.metric  # what was found in them is forgotten with the pictures
    assert "batch" not in test.session_state


@pytest.mark.usefixtures("running_engine")
def test_several_models_and_files_side_by_side() -> None:
    test = open_page("classify", view="many", models="digits,cifar10")
    box = test.file_uploader(key="pictures")
    for name in ("3", "8"):
        box.upload(f"{name}.png", digits(1)[name][0])
    box.run()
    click(test, CLASSIFY)
    table = test.dataframe[0].value
    assert table["digits"].tolist() == ["3", "8"]
    assert table["cifar10"].isin(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
                                  "horse", "ship", "truck"]).all()  # fmt: skip
    assert "Models disagree" not in table  # they have nothing in common
    assert [tab.label for tab in test.tabs] == ["digits", "cifar10"]


@pytest.mark.usefixtures("running_engine")
def test_what_cannot_be_classified_is_said_in_a_sentence() -> None:
    test = open_page("classify", view="many")
    assert test.button[0].disabled
    too_many = packed([(f"{n}.png", b"x") for n in range(MAX_PICTURES + 1)])
    click(upload(test, "many.zip", too_many), CLASSIFY)
    assert "501 files" in test.error[0].value
    assert not test.metric
    test.file_uploader(key="pictures").clear().run()
    click(upload(test, "evil.zip", packed([("../up.png", b"x")])), CLASSIFY)
    assert "leads out of it" in test.error[0].value


@pytest.mark.usefixtures("full")
def test_without_an_engine_the_pictures_wait_and_then_say_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.core.serving.many.PATIENCE_S", 0.1)
    test = open_page("classify", view="many")
    click(upload(test, "3.png", digits(1)["3"][0]), CLASSIFY)
    assert "restarting" in test.error[0].value
    assert not test.dataframe


def test_there_is_no_switch_without_a_model(bare: Path) -> None:
    test = open_page("classify", view="many")
    assert "no published model" in test.info[0].value
    assert not test.file_uploader
