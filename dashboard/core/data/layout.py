"""Reading classes and splits off the folders of a source, without guessing silently.

    [outer/] class/picture                    splits are made
    [outer/] train|val|test/class/picture     splits are given

Class names that differ only in case or in how accents are coded are one class.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.core.data.sources import Member
from dashboard.core.errors import InvalidInput

MAX_DEPTH = 4
"""Most folders above a picture."""

MIN_CLASSES, MAX_CLASSES = 2, 1000
"""Fewest and most classes of a data set."""

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}  # folder name → split


@dataclass(frozen=True)
class Layout:
    """What the folders say.

    Attributes:
        placed: Member, its split or None, its class.
        stray: Files that lie in no class folder.
        classes: Class names, in the order of their index.
        merged: Other spelling → class it counts as.
        wrapper: Outer folder that carries no meaning, or "".
    """

    placed: tuple[tuple[Member, str | None, str], ...]
    stray: tuple[Member, ...]
    classes: tuple[str, ...]
    merged: dict[str, str]
    wrapper: str


def read_layout(members: Sequence[Member], folders: Sequence[str]) -> Layout:
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
    spellings = _spellings([path[level] for path in [*paths, *empty] if len(path) > level])
    placed, stray = [], []
    for member, path in zip(members, paths, strict=True):
        if len(path) <= level:
            stray.append(member)
            continue
        split = _SPLITS[path[0].casefold()] if splits else None
        placed.append((member, split, spellings[path[level]]))
    classes = tuple(sorted(set(spellings.values()), key=_order))
    _check_classes(classes)
    merged = {other: name for other, name in spellings.items() if other != name}
    return Layout(tuple(placed), tuple(stray), classes, merged, "/".join(outer))


def need_two_classes(n: int) -> InvalidInput:
    """Return the error for a data set that leaves nothing to tell apart."""
    return InvalidInput(
        "A data set needs at least {limit} classes with usable images; found {n}. Put the "
        "pictures of each class in a folder of its own.",
        code="need_two_classes",
        limit=MIN_CLASSES,
        n=n,
    )


def no_images(n: int) -> InvalidInput:
    """Return the error for a source without a single usable picture."""
    return InvalidInput(
        "None of the {n} files is a picture that can be read. Use JPEG, PNG, WebP, GIF, BMP or "
        "TIFF.",
        code="no_images",
        n=n,
    )


def _check_paths(members: Sequence[Member], paths: Sequence[tuple[str, ...]]) -> None:
    if not members:
        raise no_images(0)
    deepest = max(len(path) for path in paths)
    if deepest == 0:
        raise InvalidInput(
            "The {n} files lie side by side, so their classes are unknown. Put the pictures of "
            "each class in a folder of its own; tables of labels are not read.",
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
    while len({path[0] for path in paths}) == 1 and paths[0][0].casefold() not in _SPLITS:
        inner = [path[1:] for path in paths if len(path) > 1]
        if not inner:
            break
        outer, paths = (*outer, paths[0][0]), inner
    return outer


def _has_splits(paths: Sequence[tuple[str, ...]]) -> bool:
    named = [path[0].casefold() in _SPLITS for path in paths]
    deep = [len(path) > 1 for path in paths]
    if all(named) and any(deep):
        return True
    if all(named):
        raise InvalidInput(
            "The folders are named like splits, but hold no class folders. Put the pictures of "
            "each class in a folder of its own inside them.",
            code="no_classes",
        )
    if any(is_split and is_deep for is_split, is_deep in zip(named, deep, strict=True)):
        raise InvalidInput(
            "Some outer folders are named like splits and others are not, so it is unclear which "
            "are classes. Use train, val and test only, or only class folders.",
            code="mixed_layout",
        )
    return False


def _spellings(names: Sequence[str]) -> dict[str, str]:
    """Return each spelling → the first spelling of the same name, in Unicode's normal form C."""
    first: dict[str, str] = {}
    for name in sorted(set(names)):
        first.setdefault(_key(name), unicodedata.normalize("NFC", name))
    return {name: first[_key(name)] for name in set(names)}


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _order(name: str) -> tuple[bool, int, str, str]:
    number = name.isdecimal() and len(name) < 10
    return not number, int(name) if number else 0, _key(name), name


def _check_classes(classes: Sequence[str]) -> None:
    if len(classes) < MIN_CLASSES:
        raise need_two_classes(len(classes))
    if len(classes) > MAX_CLASSES:
        raise InvalidInput(
            "The source has {n} classes; {limit} is the limit. Import a part of it.",
            code="too_many_classes",
            n=len(classes),
            limit=MAX_CLASSES,
        )
