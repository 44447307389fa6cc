"""What the widget says of an answer."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.core.images import Note, encode_png
from dashboard.core.serving.answers import Answer, Assurance, Evidence, Prediction
from dashboard.core.text import translate
from dashboard.widget.answer import answer_label, headline
from dashboard.widget.verdict import evidence, verdict
from dashboard.widget.visit import Shown, added, gallery

PICTURE = encode_png(np.zeros((4, 4, 3), np.uint8))


def answer(known: bool = True, labels: tuple[str, ...] = ("a_cat", "dog")) -> Answer:
    notes = () if known else (Note("unknown", "It is like nothing.", {}),)
    shown = (Evidence("dog", 0.912, PICTURE),)
    assurance = Assurance(0.1, {"": labels}, known, 0.9, 0.8, False, shown)
    return Answer("id", "m", "v", (Prediction("a_cat", 0, 0.7),), notes, {}, None, assurance)


def english(message: str, **values: object) -> str:
    return translate(message, "en", **values)


def test_a_known_picture_gets_its_promise() -> None:
    assert verdict(answer(), english) == "With 90% certainty: one of a\\_cat, dog."
    assert verdict(answer(labels=("dog",)), english) == "With 90% certainty: dog."


def test_an_unknown_one_gets_the_reason_and_no_promise() -> None:
    assert verdict(answer(known=False), english) == "It is like nothing."
    assert headline(answer(known=False), "?") == "?"
    assert headline(answer(), "?") == "a_cat"
    assert answer_label("?").postprocess(answer(known=False)).label == "?"


@pytest.mark.parametrize(
    ("shares", "expected"),
    [((0.9, 0.8, 0.1), "cat · dog"), ((0.9, 0.4, 0.1), "cat"), ((0.4, 0.3, 0.1), "–")],
)
def test_of_several_classes_those_that_apply_are_named(
    shares: tuple[float, ...], expected: str
) -> None:
    found = zip(("cat", "dog", "fish"), shares, strict=True)
    predictions = tuple(Prediction(label, i, share) for i, (label, share) in enumerate(found))
    told = Answer("id", "m", "v", predictions, (), {}, several=True)
    assert headline(told, "?") == expected
    assert headline(Answer.from_json(told.to_json()), "?") == expected


def test_in_chinese() -> None:
    def chinese(message: str, **values: object) -> str:
        return translate(message, "zh", **values)

    assert "把握 90%" in verdict(answer(), chinese)


def test_the_evidence_names_class_and_likeness() -> None:
    ((picture, caption),) = evidence(answer(), english)
    assert (picture.size, caption) == ((4, 4), "dog, 91% alike")
    assert evidence(Answer("id", "m", "v", (), (), {}), english) == []


@pytest.mark.parametrize("n", [1, 8, 12])
def test_the_visit_keeps_the_latest_eight(n: int) -> None:
    visit: list[Shown] = []
    for number in range(n):
        visit = added(visit, Shown(str(number), PICTURE, f"answer {number}"))
    captions = [caption for _, caption in gallery(visit)]
    assert captions == [f"answer {number}" for number in range(n)][::-1][:8]


def test_a_picture_that_is_asked_again_takes_its_own_place() -> None:
    visit = added(added([], Shown("a", PICTURE, "cat")), Shown("b", PICTURE, "dog"))
    again = added(visit, Shown("a", PICTURE, "I don’t know"))
    assert [caption for _, caption in gallery(again)] == ["I don’t know", "dog"]
