"""Reading classes and splits off the folders of a source, without guessing silently.

[outer/] class/picture                    splits are made
[outer/] train|val|test/class/picture     splits are given

Splits go by more names (`split_of`), and their folder may be doubled: `train/train/class/picture`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboard.core.data import reasons
from dashboard.core.data.layout import (
    Layout,
    Placed,
    classes_of,
    merged,
    name_key,
    no_images,
    spellings_of,
)
from dashboard.core.data.sources import Member
from dashboard.core.data.split_names import split_of
from dashboard.core.errors import InvalidInput
from dashboard.core.tasks import Task

MAX_DEPTH = 4
"""Most folders above a picture."""


def read_folders(members: Sequence[Member], folders: Sequence[str]) -> Layout:
    """Read the classes and splits off the paths.

    Raises:
        InvalidInput: `no_images`, `no_classes`, `too_deep`, `mixed_layout`, `need_two_classes`
            or `too_many_classes`.
    """
    paths = [tuple(member.path.split("/")[:-1]) for member in members]
    empty = [tuple(path.split("/")) for path in folders]
    _check_paths(members, paths)
    outer = _outer([*paths, *empty])
    paths = [path[len(outer) :] for path in paths]
    empty = [path[len(outer) :] for path in empty if path[: len(outer)] == outer]
    splits = _has_splits([path for path in paths if path])
    level = 1 if splits else 0
    if splits:
        doubled = _doubled([*paths, *empty])
        paths, empty = _single(paths, doubled), _single(empty, doubled)
    spellings = spellings_of([path[level] for path in [*paths, *empty] if len(path) > level])
    placed, dropped, inner = [], [], ""
    for member, path in zip(members, paths, strict=True):
        if len(path) <= level:
            dropped.append(reasons.no_class(member.path))
            continue
        inner = inner or "/".join(path[level:] if len(path) > level + 1 else ())
        split = split_of(path[0]) if splits else None
        placed.append(Placed(member, split, (spellings[path[level]],)))
    tasks = (Task("", classes_of(spellings)),)
    return Layout(
        tuple(placed), tuple(dropped), tasks, merged(spellings), "/".join(outer), inner=inner
    )


def folder_classes(paths: Iterable[str], classes: Sequence[str]) -> list[str | None]:
    """Return for each path the class that its folders name, the innermost first; None if none.

    Case and the coding of accents don't matter.
    """
    names = {name_key(name): name for name in classes}
    found = []
    for path in paths:
        keys = map(name_key, reversed(path.split("/")[:-1]))
        found.append(next((names[key] for key in keys if key in names), None))
    return found


def _check_paths(members: Sequence[Member], paths: Sequence[tuple[str, ...]]) -> None:
    if not members:
        raise no_images(0)
    deepest = max(len(path) for path in paths)
    if deepest == 0:
        raise InvalidInput(
            "The {n} files lie side by side, so their classes are unknown. Put the pictures of "
            "each class in a folder of its own, or add a table with the columns filename,label.",
            code="no_classes",
            n=len(members),
        )
    if deepest > MAX_DEPTH:
        raise InvalidInput(
            "Some pictures lie {depth} folders deep; up to {limit} are read. Flatten the folders.",
            code="too_deep",
            depth=deepest,
            limit=MAX_DEPTH,
        )


def _outer(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the folders that all `paths` start with and that cannot be a class or a split."""
    paths = [path for path in paths if path]
    outer: tuple[str, ...] = ()
    while len({path[0] for path in paths}) == 1 and not split_of(paths[0][0]):
        inner = [path[1:] for path in paths if len(path) > 1]
        if not inner:
            break
        outer, paths = (*outer, paths[0][0]), inner
    return outer


def _doubled(paths: Sequence[tuple[str, ...]]) -> set[str]:
    """Return the outer folders that hold one folder only, of their own name, as unpacking makes."""
    inner: dict[str, set[str]] = {}
    for path in paths:
        if len(path) > 1:
            inner.setdefault(path[0], set()).add(path[1])
    return {name for name, found in inner.items() if found == {name}}


def _single(paths: Iterable[tuple[str, ...]], doubled: set[str]) -> list[tuple[str, ...]]:
    return [path[1:] if len(path) > 1 and path[0] in doubled else path for path in paths]


def _has_splits(paths: Sequence[tuple[str, ...]]) -> bool:
    found = [split_of(path[0]) for path in paths]
    named = [split is not None for split in found]
    deep = [len(path) > 1 for path in paths]
    if all(named) and any(deep):
        return True
    if all(named):
        raise InvalidInput(
            "The folders are named like splits, but hold no class folders. Put the pictures of "
            "each class in a folder of its own inside them.",
            code="no_classes",
        )
    several = len({split for split in found if split}) > 1
    if several or any(is_split and is_deep for is_split, is_deep in zip(named, deep, strict=True)):
        raise InvalidInput(
            "Some outer folders are named like splits and others are not, so it is unclear which "
            "are classes. Use train, val and test only, or only class folders.",
            code="mixed_layout",
        )
    return False
