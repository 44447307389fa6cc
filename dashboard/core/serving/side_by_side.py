"""Answers of several models to the same pictures: read off, held against the folders, compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dashboard.core.data.folders import folder_classes
from dashboard.core.models.card import Card, Metric
from dashboard.core.serving.many import Row
from dashboard.core.tasks import Task


class Given(NamedTuple):
    """An answer.

    Attributes:
        label: The class; where an image may have several, those above one half with " · "
            between, "" for none.
        probability: Of the most probable class, 0–1.
    """

    label: str
    probability: float


class Score(NamedTuple):
    """How answers agree with the folders the pictures lie in.

    Attributes:
        accuracy: Share of right answers with its 95 % interval.
        matrix: int64 (classes, classes), pictures by true and answered class.
        classes: Those that occur, in the order of the model.
    """

    accuracy: Metric
    matrix: np.ndarray
    classes: tuple[str, ...]


class Verdict(NamedTuple):
    """What there is to say of one picture.

    Attributes:
        true: The class that its folder names, "" for none.
        wrong: Whether a model answers another one.
        disagreed: Whether models with the same classes answer differently.
    """

    true: str
    wrong: bool
    disagreed: bool


@dataclass(frozen=True)
class Respondent:
    """A model at one of its tasks: it gives one answer to each picture.

    Attributes:
        model: Its name.
        place: Of its answer in `Row.answers`.
        task: Which of its tasks.
    """

    model: str
    place: int
    task: Task

    @property
    def name(self) -> str:
        """The model, with the task if it has several."""
        return f"{self.model} · {self.task.name}" if self.task.name else self.model

    def answer(self, row: Row) -> Given | None:
        """Return the answer to a picture; None where it is unusable."""
        if row.unusable:
            return None
        answer = row.answers[self.place]
        label = " · ".join(item.label for item in answer.chosen[self.task.name])
        return Given(label, answer.by_task[self.task.name][0].probability)

    def truths(self, rows: Sequence[Row]) -> list[str | None]:
        """Return the class that the folder of each picture names; None where it names none."""
        if self.task.several:  # a folder is one class
            return [None] * len(rows)
        return folder_classes([row.path for row in rows], self.task.classes)


def respondents(models: Sequence[Card]) -> list[Respondent]:
    """Return who answers: the models one after the other, task by task."""
    return [
        Respondent(card.name, place, task)
        for place, card in enumerate(models)
        for task in card.tasks
    ]


def score(respondent: Respondent, rows: Sequence[Row]) -> Score | None:
    """Hold the answers against the folders; None where no usable picture lies in a class's one."""
    from dashboard.core.evaluate.metrics import share_with_interval  # SciPy delays the start

    pairs = [
        (true, given.label)
        for row, true in zip(rows, respondent.truths(rows), strict=True)
        if true and (given := respondent.answer(row))
    ]
    if not pairs:
        return None
    occurring = {name for pair in pairs for name in pair}
    classes = tuple(name for name in respondent.task.classes if name in occurring)
    numbers = {name: number for number, name in enumerate(classes)}
    matrix = np.zeros((len(classes), len(classes)), np.int64)
    for true, answered in pairs:
        matrix[numbers[true], numbers[answered]] += 1
    accuracy = share_with_interval("accuracy", int(matrix.trace()), len(pairs), "upload")
    return Score(accuracy, matrix, classes)


def verdicts(rows: Sequence[Row], asked: Sequence[Respondent], truth: bool) -> list[Verdict]:
    """Return what there is to say of each picture.

    Args:
        rows: The pictures.
        asked: Who was asked.
        truth: Whether the folders count.
    """
    groups = rivals(asked)
    truths = [respondent.truths(rows) if truth else [None] * len(rows) for respondent in asked]
    found = []
    for row, *named in zip(rows, *truths, strict=True):
        given = [respondent.answer(row) for respondent in asked]
        wrong = any(
            true and item and item.label != true for true, item in zip(named, given, strict=True)
        )
        true = next((name for name in named if name), "")
        found.append(Verdict(true, wrong, _disagree(row, groups)))
    return found


def rivals(asked: Sequence[Respondent]) -> list[list[Respondent]]:
    """Return those that have the same classes to choose from, two or more together."""
    groups = defaultdict(list)
    for respondent in asked:
        groups[frozenset(respondent.task.classes)].append(respondent)
    return [group for group in groups.values() if len(group) > 1]


def _disagree(row: Row, groups: Sequence[Sequence[Respondent]]) -> bool:
    answers = [[respondent.answer(row) for respondent in group] for group in groups]
    return any(len({item.label for item in group if item}) > 1 for group in answers)
