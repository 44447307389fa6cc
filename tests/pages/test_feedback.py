"""Reviewing what visitors handed in, on Explore; handing it in is in `tests/e2e/test_batch.py`."""

from __future__ import annotations

import pytest

from dashboard.core.data.store import get_dataset
from dashboard.core.feedback.store import items, keep
from dashboard.core.settings import settings
from tests import corpus
from tests.pages.conftest import click, open_page

pytestmark = pytest.mark.usefixtures("full")


def hand_in(seed: int, model: str = "digits", answer: str = "7", label: str = "3") -> str:
    return keep(corpus.saved(corpus.noise(12, 12, seed=seed)), model, "v1", answer, label).id


def test_look_correct_accept_discard_and_learn() -> None:
    before = get_dataset("digits")
    first, second, third = (hand_in(seed) for seed in range(3))
    hand_in(9, "cifar10", "cat", "dog")
    test = open_page("explore", view="feedback")
    sentences = [item.value for item in test.markdown if "visitor says" in item.value]
    assert sentences == ["digits answered **7**; the visitor says **3**."] * 3

    test.selectbox(key=f"class-{first}").set_value("5").run()
    click(test, "Accept", f"check-{first}")
    click(test, "Accept", f"check-{second}")
    click(test, "Discard", f"discard-{third}")
    assert {(i.id, i.label, i.accepted) for i in items() if i.model == "digits"} == {
        (first, "5", True),
        (second, "3", True),
    }
    click(test, "Take back", f"undo-{second}")
    click(test, "Add the accepted ones: 1", "learn")
    made = get_dataset("digits")
    (row,) = made.index.iloc[len(before.index) :].to_dict("records")
    assert (row["split"], made.label(row["labels"])) == ("train", "5")
    assert made.change is not None
    assert made.change.reason == "feedback of visitors"
    assert "Images added: 1" in test.success[0].value
    assert [i.id for i in items() if i.model == "digits"] == [second]
    click(test, "Undo")
    assert get_dataset("digits") == before
    test = open_page("explore", view="images", versions="true")
    assert "**Images added: 1**" in [item.value for item in test.markdown]


def test_an_empty_queue_says_so() -> None:
    test = open_page("explore", view="feedback")
    assert "Nothing waits" in test.info[0].value


def test_a_visitor_of_a_demo_sees_nobodys_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(0)
    monkeypatch.setenv("LIGHTBOX_DEMO", "1")
    monkeypatch.setenv("LIGHTBOX_FEEDBACK", "1")
    settings.cache_clear()
    test = open_page("explore", view="feedback")
    assert not [item for item in test.markdown if "visitor says" in item.value]
    assert "Accept" not in [button.label for button in test.button]
