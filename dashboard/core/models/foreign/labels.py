"""The names of a foreign model's classes."""

from __future__ import annotations

import csv
import json
from collections import Counter

from dashboard.core.errors import InvalidInput

MAX_LABELS = 20_000
MAX_LETTERS = 200


_HEADINGS = ("label", "labels", "class", "classes", "name")
"""What the column of labels may be called in a table."""


def read_label_file(name: str, content: bytes) -> tuple[str, ...]:
    """Read the labels in a file: as `read_labels`, or of a table where it is named `.csv`.

    Of a table, the column called label, class or name counts; without such a heading the last one,
    from the first row on.
    """
    if not name.lower().endswith(".csv"):
        return read_labels(content)
    try:
        rows = [row for row in csv.reader(content.decode("utf-8-sig").splitlines()) if row]
    except (ValueError, csv.Error) as error:
        raise _invalid() from error
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    column = next((head.index(word) for word in _HEADINGS if word in head), None)
    labels = [row[-1] for row in rows] if column is None else _column(rows[1:], column)
    return read_labels(json.dumps(labels))


def _column(rows: list[list[str]], column: int) -> list[str]:
    return [row[column] if column < len(row) else "" for row in rows]


def read_labels(content: bytes | str) -> tuple[str, ...]:
    """Read one label per line, or a JSON list of labels, in the order of the model's outputs.

    Blank lines are passed over.

    Raises:
        InvalidInput: No text, no labels, one twice, too many, or one too long.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        labels = json.loads(text) if text.lstrip().startswith("[") else text.splitlines()
    except (ValueError, RecursionError) as error:
        raise _invalid() from error
    if not all(isinstance(label, str) for label in labels):
        raise _invalid()
    found = tuple(label.strip() for label in labels if label.strip())
    if not 1 <= len(found) <= MAX_LABELS or not all(map(_is_plain, found)):
        raise _invalid()
    label, count = Counter(found).most_common(1)[0]
    if count > 1:
        raise InvalidInput(
            "The label “{label}” is given {count} times. Give each class a name of its own.",
            code="invalid_labels",
            label=label[:80],
            count=count,
        )
    return found


def _is_plain(label: str) -> bool:
    return len(label) <= MAX_LETTERS and label.isprintable()


def _invalid() -> InvalidInput:
    return InvalidInput(
        "The classes must be text with one label per line, or a JSON list of labels: 1 to {limit} "
        "of up to {letters} letters.",
        code="invalid_labels",
        limit=MAX_LABELS,
        letters=MAX_LETTERS,
    )
