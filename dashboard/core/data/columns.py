"""What the first line of a table of labels says: which column holds what.

`filename,label[,split]` asks one question of each picture. Without a column `label`, each column
but `filename` and `split` is a task of its own: `filename,digit,parity[,split]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.core.errors import InvalidInput

MAX_TASK_NAME = 60
"""Longest name of a task, in characters."""


class Columns(NamedTuple):
    """Where the columns of a table are, counted from 0.

    Attributes:
        delimiter: Between two columns.
        filename: Of the path of the picture.
        split: Of its split, or None.
        tasks: Name of each task → of its labels; "" → of the column `label`.
    """

    delimiter: str
    filename: int
    split: int | None
    tasks: dict[str, int]


def read_columns(text: str, file: str) -> Columns:
    """Read the first line of `text`, the table `file`; `bad_table` if it does not name columns."""
    found = columns_of(text)
    if found is None:
        raise _no_header(file)
    for task in found.tasks:
        if len(task) > MAX_TASK_NAME or ":" in task:
            raise InvalidInput(
                "The column “{column}” of the table “{file}” cannot name a task: up to {limit} "
                "characters without a colon can. Rename it.",
                code="bad_table",
                column=task[:80],
                file=file[-80:],
                limit=MAX_TASK_NAME,
            )
    return found


def columns_of(text: str) -> Columns | None:
    """Return what the first line of `text` says, or None if this is no table of labels."""
    header = text.split("\n", 1)[0].split("\r", 1)[0]
    for delimiter in ",;":
        names = [name.strip().strip('"').strip() for name in header.split(delimiter)]
        known = [name.lower() for name in names]
        tasks = _tasks(names, known)
        if "filename" in known and tasks:
            split = known.index("split") if "split" in known else None
            return Columns(delimiter, known.index("filename"), split, tasks)
    return None


def _no_header(file: str) -> InvalidInput:
    """Return the error for a table whose columns are unknown."""
    return InvalidInput(
        "The first line of the table “{file}” does not name its columns. Start it with "
        "filename,label or filename,label,split, or with a column for each of several tasks: "
        "filename,digit,parity.",
        code="bad_table",
        file=file[-80:],
    )


def _tasks(names: Sequence[str], known: Sequence[str]) -> dict[str, int]:
    if "label" in known:
        return {"": known.index("label")}
    tasks = {
        name: place
        for place, name in enumerate(names)
        if name and known.index(known[place]) == place and known[place] not in ("filename", "split")
    }
    return tasks if len(tasks) > 1 else {}
