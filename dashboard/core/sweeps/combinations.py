"""The combinations of what a sweep varies."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

from dashboard.core.errors import InvalidInput
from dashboard.core.sweeps.search import Choices, Range, Search, Value


def grid(search: Search) -> list[dict[str, Value]]:
    """Return every combination of the values, the last field changing fastest.

    Raises:
        InvalidInput: A range has no step, so it has no end of values.
    """
    return list(_combined({name: _points(name, entry) for name, entry in search.items()}))


def size(search: Search) -> int:
    """Count the combinations of a grid without making them; see `grid`."""
    return math.prod(_n(name, entry) for name, entry in search.items())


def corners(search: Search, limit: int) -> list[dict[str, Value]]:
    """Return combinations of the values and of the ends of the ranges.

    All of them, or where they are more than `limit` each value once with the first of the others.
    """
    ends: dict[str, tuple[Value, ...]] = {
        name: entry.values if isinstance(entry, Choices) else _ends(entry)
        for name, entry in search.items()
    }
    if math.prod(map(len, ends.values())) <= limit:
        return list(_combined(ends))
    first = {name: values[0] for name, values in ends.items()}
    return [first | {name: value} for name, values in ends.items() for value in values]


def _ends(entry: Range) -> tuple[Value, Value]:
    return (int(entry.low), int(entry.high)) if entry.whole else (entry.low, entry.high)


def _points(name: str, entry: Choices | Range) -> Sequence[Value]:
    if isinstance(entry, Choices):
        return entry.values
    return [entry.point(index) for index in range(_n(name, entry))]


def _n(name: str, entry: Choices | Range) -> int:
    n = len(entry.values) if isinstance(entry, Choices) else entry.n
    if n is None:
        raise InvalidInput(
            "A grid tries every value, and the range of `{field}` has no end of them. Give it a "
            "`step` or a list of values.",
            code="invalid_sweep",
            field=name,
        )
    return n


def _combined(values: Mapping[str, Sequence[Value]]) -> Iterator[dict[str, Value]]:
    return (
        dict(zip(values, combination, strict=True))
        for combination in itertools.product(*values.values())
    )
