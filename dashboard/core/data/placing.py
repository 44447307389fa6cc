"""From a source to a layout: by its table of labels where it has one, else by its folders."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from itertools import chain

from dashboard.core.data import reasons
from dashboard.core.data.folders import read_folders
from dashboard.core.data.layout import (
    Layout,
    Placed,
    classes_of,
    merged,
    no_images,
    spellings_of,
)
from dashboard.core.data.sources import Member, Source
from dashboard.core.data.table import MAX_BYTES, Table, is_table, read_table, too_large
from dashboard.core.errors import InvalidInput
from dashboard.core.tasks import Task, class_name


def read_layout(source: Source) -> Layout:
    """Return what `source` says of its files.

    A table counts if it lies in a folder that holds everything else, and names its columns. One
    with a column for each of several tasks counts only where no folders could name the classes:
    beside class folders, `filename,width,height` is no question to a network.

    Raises:
        LightboxError: As `read_table`, `place_by_table` and `read_folders`; `several_tables`;
            `only_links`.
    """
    if source.links and not source.members:
        raise InvalidInput(
            "The folder holds links only, {n} of them, and links are not followed. Copy the files "
            "themselves into it.",
            code="only_links",
            n=source.links,
        )
    table = source.table or _find_table(source)
    if table:
        return place_by_table(source.members, table)
    return read_folders(source.members, source.folders)


def place_by_table(members: Sequence[Member], table: Table) -> Layout:
    """Give every file that `table` names its classes and split.

    Raises:
        InvalidInput: `no_images`, `no_files`, `need_two_classes` or `too_many_classes`.
    """
    if not members:
        raise no_images(0)
    find = _finder(members, table.folder)
    spellings = {
        task: spellings_of(list(chain.from_iterable(labels)))
        for task, labels in table.labels.items()
    }
    placed: dict[str, Placed] = {}
    dropped = list(table.dropped)
    for row, *labels in zip(table.rows, *table.labels.values(), strict=True):
        found = find(row.path)
        if len(found) != 1:
            dropped.append((reasons.several_files if found else reasons.no_file)(row.path))
            continue
        (member,) = found
        if member.path in placed:
            dropped.append(reasons.named_again(row.path))
            continue
        names = [
            class_name(task, found[label])
            for (task, found), given in zip(spellings.items(), labels, strict=True)
            for label in given
        ]
        placed[member.path] = Placed(member, row.split, tuple(dict.fromkeys(names)))
    if table.rows and not placed:
        raise _no_files(table)
    named = {*placed, table.file, *(table.folder + item.file for item in table.dropped)}
    dropped += [reasons.no_row(m.path, table.file) for m in members if m.path not in named]
    ordered = tuple(placed[path] for path in sorted(placed))
    several = any(len(place.labels) > len(table.tasks) for place in ordered)
    tasks = tuple(Task(name, classes_of(found, name), several) for name, found in spellings.items())
    other = {
        class_name(task, wrong): class_name(task, right)
        for task, found in spellings.items()
        for wrong, right in merged(found).items()
    }
    return Layout(ordered, tuple(dropped), tasks, other, table.folder.rstrip("/"), table.file)


def _find_table(source: Source) -> Table | None:
    candidates = [member for member in source.members if _is_candidate(member, source.members)]
    contents = {m.path: source.read(m) for m in candidates if m.size <= MAX_BYTES}
    others = {m.path.rpartition("/")[0] for m in source.members if m not in candidates}
    together = len(others) <= 1
    found = [path for path, content in contents.items() if is_table(content, together)]
    if len(found) > 1:
        raise InvalidInput(
            "There are {n} tables of labels, such as “{first}” and “{second}”. Keep one, with a "
            "column split if need be.",
            code="several_tables",
            n=len(found),
            first=found[0][-80:],
            second=found[1][-80:],
        )
    if found:
        return read_table(contents[found[0]], found[0])
    if candidates and together:
        first = candidates[0]
        if first.path not in contents:
            raise too_large(first.path)
        return read_table(contents[first.path], first.path)  # which says what is wrong with it
    return None


def _is_candidate(member: Member, members: Sequence[Member]) -> bool:
    if not member.path.lower().endswith(".csv"):
        return False
    folder = member.path[: member.path.rfind("/") + 1]
    return all(other.path.startswith(folder) for other in members)


def _no_files(table: Table) -> InvalidInput:
    return InvalidInput(
        "None of the files that the table “{file}” names is there, such as “{path}”. Write the "
        "path from the table to each picture, with the ending of its name.",
        code="no_files",
        file=table.file[-80:],
        path=table.rows[0].path[:80],
    )


def _finder(members: Sequence[Member], folder: str) -> Callable[[str], list[Member]]:
    """Return what finds a file by its path from `folder`, or else all files of that name."""
    paths = {unicodedata.normalize("NFC", member.path): member for member in members}
    names: dict[str, list[Member]] = {}
    for path, member in paths.items():
        names.setdefault(path.rsplit("/", 1)[-1], []).append(member)

    def find(path: str) -> list[Member]:
        path = unicodedata.normalize("NFC", path)
        exact = paths.get(folder + path)
        return [exact] if exact else names.get(path, [])

    return find
