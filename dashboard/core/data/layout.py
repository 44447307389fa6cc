"""What a source says of its files: their classes and splits. `folders` and `placing` read it.

Class names that differ only in case or in how accents are coded are one class.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dashboard.core.data.report import Dropped
from dashboard.core.data.sources import Member
from dashboard.core.errors import InvalidInput
from dashboard.core.tasks import Task, class_name, class_names

MIN_CLASSES, MAX_CLASSES = 2, 1000
"""Fewest and most classes of a data set."""


class Placed(NamedTuple):
    """A file, the split it is given if any, and its classes as named among all (`class_name`)."""

    member: Member
    split: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """What the folders or the table say.

    Attributes:
        placed: Files with their split and classes.
        dropped: Files without a class, and rows without a file.
        tasks: What is asked of each file, classes in the order of their index.
        merged: Other spelling → class it counts as.
        wrapper: Outer folder that carries no meaning, or "".
        table: Path of the table, or "".
        inner: A folder inside a class folder, which names no class itself, or "".
    """

    placed: tuple[Placed, ...]
    dropped: tuple[Dropped, ...]
    tasks: tuple[Task, ...]
    merged: dict[str, str]
    wrapper: str
    table: str = ""
    inner: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes of all tasks, in the order of their index."""
        return class_names(self.tasks)

    def lost(self, dropped: Iterable[Dropped]) -> dict[str, dict[str, int]]:
        """Count the placed files among `dropped`: class → split, "" where none is given → files."""
        files = {item.file for item in dropped}
        counts: dict[str, Counter[str]] = {}
        for member, split, labels in self.placed:
            if member.path in files:
                for label in labels:
                    counts.setdefault(label, Counter())[split or ""] += 1
        return {label: dict(splits) for label, splits in counts.items()}


def need_two_classes(n: int, task: str = "") -> InvalidInput:
    """Return the error for a data set or a task that leaves nothing to tell apart."""
    if task:
        return InvalidInput(
            "The column “{column}” has {n} classes with usable images; a task needs at least "
            "{limit}. Remove the column or add images.",
            code="need_two_classes",
            column=task,
            n=n,
            limit=MIN_CLASSES,
        )
    return InvalidInput(
        "A data set needs at least {limit} classes with usable images; found {n}. Put the "
        "pictures of each class in a folder of its own.",
        code="need_two_classes",
        limit=MIN_CLASSES,
        n=n,
    )


def present_tasks(tasks: Sequence[Task], present: set[str]) -> tuple[Task, ...]:
    """Return `tasks` with only the classes that are `present`, named as among all.

    Raises:
        InvalidInput: A task is left with nothing to tell apart (`need_two_classes`).
    """
    found = []
    for task in tasks:
        classes = tuple(name for name in task.classes if class_name(task.name, name) in present)
        _check_classes(classes, task.name)
        found.append(replace(task, classes=classes))
    return tuple(found)


def no_images(n: int) -> InvalidInput:
    """Return the error for a source without a single usable picture."""
    return InvalidInput(
        "None of the {n} files is a picture that can be read. Use JPEG, PNG, WebP, GIF, BMP or "
        "TIFF.",
        code="no_images",
        n=n,
    )


def classes_of(spellings: dict[str, str], task: str = "") -> tuple[str, ...]:
    """Return the classes in order; `need_two_classes` or `too_many_classes` if they do not do."""
    classes = tuple(sorted(set(spellings.values()), key=_order))
    _check_classes(classes, task)
    return classes


def merged(spellings: dict[str, str]) -> dict[str, str]:
    """Return the spellings that count as another one; one that is alone is merged with none."""
    n_spellings = Counter(spellings.values())
    return {
        other: name for other, name in spellings.items() if other != name and n_spellings[name] > 1
    }


def spellings_of(names: Sequence[str]) -> dict[str, str]:
    """Return each spelling → the first spelling of the same name, in Unicode's normal form C."""
    first: dict[str, str] = {}
    for name in sorted(set(names)):
        first.setdefault(name_key(name), unicodedata.normalize("NFC", name))
    return {name: first[name_key(name)] for name in set(names)}


def name_key(name: str) -> str:
    """Return what is equal for names that differ only in case or in how accents are coded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _order(name: str) -> tuple[bool, int, str, str]:
    number = name.isdecimal() and len(name) < 10
    return not number, int(name) if number else 0, name_key(name), name


def _check_classes(classes: Sequence[str], task: str) -> None:
    if len(classes) < MIN_CLASSES:
        raise need_two_classes(len(classes), task)
    if len(classes) > MAX_CLASSES:
        raise InvalidInput(
            "The source has {n} classes; {limit} is the limit. Import a part of it.",
            code="too_many_classes",
            n=len(classes),
            limit=MAX_CLASSES,
        )
