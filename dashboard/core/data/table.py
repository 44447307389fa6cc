"""Labels in a table beside the pictures, one row each; `columns` reads its first line.

UTF-8 with or without a byte order mark, columns split by `,` or `;`, a header, several labels of
one picture split by `|`. File names count from the folder of the table and are only ever looked
up among the files of the source.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.core.data import reasons
from dashboard.core.data.archive import is_safe
from dashboard.core.data.columns import Columns, columns_of, read_columns
from dashboard.core.data.report import Dropped
from dashboard.core.data.split_names import split_of
from dashboard.core.errors import InvalidInput, TooLarge

MAX_BYTES = 20 * 2**20
"""Largest table, in bytes."""

_SEPARATOR = "|"


class Row(NamedTuple):
    """One picture: its path counted from the table, its labels, its split if one is given.

    Where there are several tasks, it has one label of each, in their order.
    """

    path: str
    labels: tuple[str, ...]
    split: str | None


@dataclass(frozen=True)
class Table:
    """Which picture is what.

    Attributes:
        file: Path of the table inside its source; "" for a built-in one.
        rows: One per picture.
        dropped: Rows that say nothing.
        tasks: Names of the columns of labels; only "" for the column `label`.
    """

    file: str
    rows: tuple[Row, ...]
    dropped: tuple[Dropped, ...] = ()
    tasks: tuple[str, ...] = ("",)

    @property
    def labels(self) -> dict[str, list[tuple[str, ...]]]:
        """Task → the labels of each row."""
        if len(self.tasks) == 1:
            return {self.tasks[0]: [row.labels for row in self.rows]}
        return {
            task: [row.labels[number : number + 1] for row in self.rows]
            for number, task in enumerate(self.tasks)
        }

    @property
    def folder(self) -> str:
        """Folder the paths count from, with a `/` behind it unless it is the outermost."""
        return self.file[: self.file.rfind("/") + 1]


def is_table(content: bytes, with_tasks: bool = False) -> bool:
    """Whether the first line names the columns `filename` and `label`.

    Args:
        content: Of the file.
        with_tasks: Whether columns of several tasks do as well.
    """
    columns = columns_of(content[:4096].decode("utf-8-sig", "replace"))
    return columns is not None and (with_tasks or "" in columns.tasks)


def read_table(content: bytes, file: str) -> Table:
    """Read the table `file`.

    Raises:
        TooLarge: It has more than `MAX_BYTES`.
        InvalidInput: `bad_table`, `unsafe_path` or `bad_split`.
    """
    if len(content) > MAX_BYTES:
        raise too_large(file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            "The table “{file}” is not in UTF-8. Save it as “CSV UTF-8” and try again.",
            code="bad_table",
            file=file[-80:],
        ) from None
    columns = read_columns(text, file)
    try:
        lines = _numbered(csv.reader(io.StringIO(text, newline=""), delimiter=columns.delimiter))
    except csv.Error:
        raise InvalidInput(
            "The table “{file}” cannot be read. Save it again as CSV.",
            code="bad_table",
            file=file[-80:],
        ) from None
    return _table(file, lines, columns)


def too_large(file: str) -> TooLarge:
    """Return the error for a table nobody would have written by hand."""
    return TooLarge(
        "The table “{file}” has more than {limit} MB. Split the data set.",
        file=file[-80:],
        limit=MAX_BYTES // 2**20,
    )


def _numbered(reader: Any) -> list[tuple[int, list[str]]]:
    """Return each row with the line it begins in, as a quoted cell may go over several."""
    rows, begin = [], 1
    for cells in reader:
        rows.append((begin, cells))
        begin = reader.line_num + 1
    return rows


def _table(file: str, lines: Sequence[tuple[int, list[str]]], columns: Columns) -> Table:
    rows: list[Row] = []
    dropped: list[Dropped] = []
    seen: set[str] = set()
    for number, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        path = _checked_path(_cell(cells, columns.filename), number)
        labels = _labels(cells, columns.tasks, number)
        if not path:
            dropped.append(reasons.no_name(number))
        elif path in seen:
            dropped.append(reasons.row_again(path, number))
        elif not labels:
            dropped.append(reasons.no_label(path, number))
        else:
            rows.append(Row(path, labels, _split(_cell(cells, columns.split), number)))
        seen.add(path)
    if any(row.split for row in rows):  # an empty cell means what is left: training
        rows = [row if row.split else row._replace(split="train") for row in rows]
    return Table(file, tuple(rows), tuple(dropped), tuple(columns.tasks))


def _cell(cells: Sequence[str], place: int | None) -> str:
    return "" if place is None or place >= len(cells) else cells[place].strip()


def _labels(cells: Sequence[str], tasks: dict[str, int], line: int) -> tuple[str, ...]:
    """Return the labels of a row, one of each task if there are several; none if one is missing."""
    found: list[str] = []
    for task, place in tasks.items():
        parts = [part for p in _cell(cells, place).split(_SEPARATOR) if (part := p.strip())]
        if task and len(parts) > 1:
            raise InvalidInput(
                "Line {line} of the table gives several labels in the column “{column}”. A table "
                "with several columns of labels takes one label in each.",
                code="bad_table",
                line=line,
                column=task,
            )
        if not parts:
            return ()
        found += parts
    return tuple(found) if "" not in tasks else tuple(dict.fromkeys(found))


def _checked_path(name: str, line: int) -> str:
    if not is_safe(name):
        raise InvalidInput(
            "Line {line} of the table names “{path}”, which leads out of its folder. Write the "
            "path from the table to the picture.",
            code="unsafe_path",
            line=line,
            path=name[:80],
        )
    return name.replace("\\", "/").removeprefix("./")


def _split(name: str, line: int) -> str | None:
    found = split_of(name)
    if name and not found:
        raise InvalidInput(
            "Line {line} of the table names the split “{split}”. Choose one of: {choices}.",
            code="bad_split",
            line=line,
            split=name[:40],
            choices="train, val, test",
        )
    return found
