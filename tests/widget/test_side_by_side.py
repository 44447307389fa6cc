"""Several models answer to the same picture, on a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashboard.core.models.store import publish
from dashboard.core.serving.answers import Answer, Prediction
from dashboard.core.settings import REPOSITORY
from dashboard.core.text import translate
from dashboard.widget.answering import _agreement
from dashboard.widget.examples import example_paths
from tests.server import Lightbox
from tests.widget.client import Told, ask, image, upload


def labels(told: Told) -> list[Any]:
    """The headlines, from left to right."""
    return [item["label"] for item in told.data if isinstance(item, dict) and "confidences" in item]


def asked(lightbox: Lightbox, model: str, others: list[str], page: str = "/classify") -> Told:
    (path,) = upload(lightbox, "7.png", example_paths("digits")[3].read_bytes(), page).json()
    return ask(lightbox, image(path), model, False, 0.1, others, page=page)


def test_one_answers_alone(lightbox: Lightbox) -> None:
    told = asked(lightbox, "digits", [])
    assert labels(told) == ["7"]
    assert "Answer: 7" in told.data
    assert labels(asked(lightbox, "digits", ["digits"])) == ["7"]


def test_two_answer_in_their_order(lightbox: Lightbox) -> None:
    told = asked(lightbox, "cifar10", ["digits"])
    first, second = labels(told)
    assert second == "7"
    assert f"cifar10: {first}. digits: 7." in told.data
    titles = [item.get("value") for item in told.data if isinstance(item, dict)]
    assert titles.index("## cifar10") < titles.index("## digits")


def test_one_that_cannot_answer_leaves_the_others_theirs(lightbox: Lightbox) -> None:
    told = asked(lightbox, "digits", ["gone"])
    assert labels(told) == ["7"]
    assert any("There is no model “gone”" in str(item) for item in told.data)
    chinese = asked(lightbox, "gone", ["digits"], "/classify/zh")
    assert labels(chinese) == ["7"]
    assert "gone" in chinese.verdict
    assert "There is" not in chinese.verdict


def test_where_none_can_there_is_one_sentence(lightbox: Lightbox) -> None:
    told = asked(lightbox, "gone", ["away"])
    assert (told.error or "").startswith("There is no model “gone”")


def test_only_models_with_the_same_classes_are_held_against_each_other(home: Path) -> None:
    publish(REPOSITORY / "models" / "digits", "twin")

    def said(language: str = "en", **labels: str) -> str:
        answers = [
            Answer("", model, "v", (Prediction(label, 0, 1.0),), (), {})
            for model, label in labels.items()
        ]
        return _agreement(answers, lambda text: translate(text, language))

    assert said(digits="7", cifar10="cat") == ""
    assert said(digits="7", cifar10="cat", twin="7") == "Models with the same classes agree."
    assert said("zh", digits="7", twin="1") == "类别相同的模型答案**不一致**。"
