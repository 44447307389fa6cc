"""Answers against folders and against each other, by hand."""

from __future__ import annotations

import pytest

from dashboard.core.data.report import Dropped
from dashboard.core.models.card import Card, InputSpec
from dashboard.core.serving.answers import Answer, Prediction
from dashboard.core.serving.many import Row
from dashboard.core.serving.side_by_side import Given, respondents, rivals, score, verdicts
from dashboard.core.tasks import Task

SIZE = InputSpec(height=8, width=8, channels=3)


def card(name: str, *classes: str, several: bool = False) -> Card:
    task = "multi_label" if several else "single_label"
    return Card(name=name, version="v", classes=classes, task=task, input=SIZE, network="n",
                parameters=1)  # fmt: skip


def answered(
    model: str, *given: tuple[str, float], task: str = "", several: bool = False
) -> Answer:
    found = tuple(Prediction(label, 0, probability, task) for label, probability in given)
    return Answer("", model, "v", found, (), {}, several=several)


def row(path: str, *labels: str) -> Row:
    return Row(path, tuple(answered(str(n), (label, 0.75)) for n, label in enumerate(labels)))


BROKEN = Row("cat/x.png", unusable=Dropped("cat/x.png", "truncated", "…", {}))
PETS = card("a", "cat", "dog", "cow")


def test_the_score_is_of_usable_pictures_in_folders_of_classes() -> None:
    rows = [
        row("test/Cat/1.png", "cat"),
        row("cat/2.png", "dog"),
        row("dog/3.png", "dog"),
        row("dog/cat/4.png", "cat"),  # the innermost folder counts
        row("other/5.png", "cat"),
        row("cat.png", "dog"),  # a name is no folder
        BROKEN,
    ]
    (respondent,) = respondents([PETS])
    found = score(respondent, rows)
    assert found is not None
    assert (found.accuracy.value, found.accuracy.n) == (0.75, 4)
    # Wilson with z = 1.96: centre (0.75 + 0.4802) / 1.9604, half-width 0.3271
    assert (found.accuracy.low, found.accuracy.high) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert found.classes == ("cat", "dog")
    assert found.matrix.tolist() == [[2, 1], [0, 1]]
    assert [(v.true, v.wrong) for v in verdicts(rows, [respondent], truth=True)] == [
        ("cat", False), ("cat", True), ("dog", False), ("cat", False), ("", False), ("", False),
        ("cat", False),
    ]  # fmt: skip
    assert not any(v.true or v.wrong for v in verdicts(rows, [respondent], truth=False))


def test_no_folder_no_score() -> None:
    assert score(respondents([PETS])[0], [row("1.png", "cat"), BROKEN]) is None


def test_models_with_the_same_classes_can_disagree() -> None:
    asked = respondents([PETS, card("b", "cow", "dog", "cat"), card("c", "cat", "dog")])
    assert [[item.model for item in group] for group in rivals(asked)] == [["a", "b"]]
    rows = [row("1", "cat", "cat", "dog"), row("2", "cat", "cow", "cat"), BROKEN]
    assert [v.disagreed for v in verdicts(rows, asked, truth=False)] == [False, True, False]
    assert rivals(respondents([PETS])) == []


def test_of_several_labels_those_above_one_half_are_the_answer() -> None:
    (respondent,) = respondents([card("m", "cat", "dog", "cow", several=True)])
    given = [("dog", 0.9), ("cat", 0.6), ("cow", 0.5)]
    two = Row("cat/1", (answered("m", *given, several=True),))
    none = Row("1", (answered("m", ("dog", 0.5), several=True),))
    assert respondent.answer(two) == Given("dog · cat", 0.9)
    assert respondent.answer(none) == Given("", 0.5)
    assert respondent.answer(BROKEN) is None
    assert score(respondent, [two]) is None


def test_each_task_is_a_question_of_its_own() -> None:
    tasks = (Task("digit", ("1", "2")), Task("parity", ("odd", "even")))
    model = Card(name="m", version="v", classes=("digit: 1", "digit: 2", "parity: odd",
                 "parity: even"), tasks=tasks, task="multi_task", input=SIZE, network="n",
                 parameters=1)  # fmt: skip
    digit, parity = respondents([model])
    assert (digit.name, parity.name) == ("m · digit", "m · parity")
    found = Answer("", "m", "v", (Prediction("1", 0, 0.9, "digit"),
                   Prediction("even", 3, 0.8, "parity")), (), {})  # fmt: skip
    picture = Row("even/2/x.png", (found,))
    assert (digit.answer(picture), parity.answer(picture)) == (Given("1", 0.9), Given("even", 0.8))
    ((true, wrong, _),) = verdicts([picture], [digit, parity], truth=True)
    assert (true, wrong) == ("2", True)
