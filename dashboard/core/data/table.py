"""Labels in a table beside the pictures: `filename,label[,split]`.

UTF-8 with or without a byte order mark, columns split by `,` or `;`, a header, several labels of
one picture split by `|`. File names count from the folder of the table and are only ever looked
up among the files of the source.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.core.data import reasons
from dashboard.core.data.archive import is_safe
from dashboard.core.data.report import Dropped
from dashboard.core.errors import InvalidInput, TooLarge

MAX_BYTES = 20 * 2**20
"""Largest table, in bytes."""

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
"""What people call the splits, in lower case → the split."""

_SEPARATOR = "|"


class Row(NamedTuple):
    """One picture: its path counted from the table, its labels, its split if one is given."""

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
    """

    file: str
    rows: tuple[Row, ...]
    dropped: tuple[Dropped, ...] = ()

    @property
    def folder(self) -> str:
        """Folder the paths count from, with a `/` behind it unless it is the outermost."""
        return self.file[: self.file.rfind("/") + 1]


def is_table(content: bytes) -> bool:
    """Whether the first line names the columns `filename` and `label`."""
    return _columns(content[:4096].decode("utf-8-sig", "replace")) is not None


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
    found = _columns(text)
    if found is None:
        raise no_header(file)
    delimiter, places = found
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise InvalidInput(
            "The table “{file}” cannot be read. Save it again as CSV.",
            code="bad_table",
            file=file[-80:],
        ) from None
    return _table(file, lines, places)


def no_header(file: str) -> InvalidInput:
    """Return the error for a table whose columns are unknown."""
    return InvalidInput(
        "The first line of the table “{file}” does not name its columns. Start it with "
        "filename,label or filename,label,split.",
        code="bad_table",
        file=file[-80:],
    )


def too_large(file: str) -> TooLarge:
    """Return the error for a table nobody would have written by hand."""
    return TooLarge(
        "The table “{file}” has more than {limit} MB. Split the data set.",
        file=file[-80:],
        limit=MAX_BYTES // 2**20,
    )


def _columns(text: str) -> tuple[str, dict[str, int]] | None:
    """Return the delimiter and where the columns are, or None if this is no such table."""
    header = text.split("\n", 1)[0].strip()
    for delimiter in ",;":
        names = [name.strip().strip('"').strip().lower() for name in header.split(delimiter)]
        if "filename" in names and "label" in names:
            wanted = [str(name) for name in ("filename", "label", "split") if name in names]
            return delimiter, {name: names.index(name) for name in wanted}
    return None


def _table(file: str, lines: Sequence[list[str]], places: dict[str, int]) -> Table:
    rows: list[Row] = []
    dropped: list[Dropped] = []
    seen: set[str] = set()
    for number, cells in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        path, label, split = (_cell(cells, places, c) for c in ("filename", "label", "split"))
        path = _checked_path(path, number)
        labels = tuple(dict.fromkeys(part for p in label.split(_SEPARATOR) if (part := p.strip())))
        if path in seen:
            dropped.append(reasons.row_again(path, number))
        elif not labels or not path:
            dropped.append(reasons.no_label(path, number))
        else:
            rows.append(Row(path, labels, _split(split, number)))
        seen.add(path)
    if any(row.split for row in rows):  # an empty cell means what is left: training
        rows = [row if row.split else row._replace(split="train") for row in rows]
    return Table(file, tuple(rows), tuple(dropped))


def _cell(cells: Sequence[str], places: dict[str, int], column: str) -> str:
    place = places.get(column, len(cells))
    return cells[place].strip() if place < len(cells) else ""


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
    if name and name.casefold() not in SPLIT_NAMES:
        raise InvalidInput(
            "Line {line} of the table names the split “{split}”. Choose one of: {choices}.",
            code="bad_split",
            line=line,
            split=name[:40],
            choices="train, val, test",
        )
    return SPLIT_NAMES[name.casefold()] if name else None
