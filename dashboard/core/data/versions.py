"""New versions of a data set: images taken out, added or labelled otherwise, never in place.

A version made here links to the stored images of its parent, so it costs an index, not a copy.
Ids stay what they were, so flags and choices that name them hold from version to version.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.core.atomic import exclusive, new_folder, temporary_folder
from dashboard.core.data.adding import Picture, new_rows
from dashboard.core.data.dataset import Change, Dataset
from dashboard.core.data.index import repeats
from dashboard.core.data.near import near_groups
from dashboard.core.data.report import Report
from dashboard.core.data.store import get_dataset, set_current, version_names
from dashboard.core.errors import Conflict, InvalidInput
from dashboard.core.tasks import Task, spans

if TYPE_CHECKING:
    import pandas as pd

MAX_REASON = 500
"""Longest reason, in characters."""


def exclude(dataset: Dataset, ids: Iterable[str], reason: str) -> Dataset:
    """Make the version of `dataset` without the images `ids`, and make it current.

    Args:
        dataset: The current version.
        ids: Of at least one of its images.
        reason: Kept with the version.

    Raises:
        InvalidInput: No id, a reason that is too long, or a class would lose its last image.
        NotFound: An id is none of this version's.
        Conflict: Another version became current meanwhile.
    """
    rows = _rows(dataset, ids)
    frame = dataset.index.drop(index=rows)
    report = replace(dataset.report, excluded=dataset.report.excluded + len(rows))
    ids = tuple(dataset.index["id"].iloc[rows])
    return _derive(dataset, frame, report, Change("exclude", len(ids), reason, ids))


def relabel(dataset: Dataset, labels: Mapping[str, str | Sequence[str]], reason: str) -> Dataset:
    """Make the version of `dataset` with other labels, and make it current.

    Args:
        dataset: The current version.
        labels: Image id → its class, or its classes where images have several. Where there are
            several tasks, those of which none is named keep their class.
        reason: Kept with the version.

    Raises:
        InvalidInput: As `exclude`; a class the data set does not have; several classes for an
            image that may have one.
        NotFound, Conflict: As `exclude`.
    """
    rows = _rows(dataset, labels)
    frame = dataset.index.copy()
    column = frame["labels"].tolist()
    for row, names in zip(rows, labels.values(), strict=True):
        column[row] = _indices(dataset, names, column[row])
    frame["labels"] = column
    ids = tuple(dataset.index["id"].iloc[rows])
    return _derive(dataset, frame, dataset.report, Change("relabel", len(ids), reason, ids))


def add(dataset: Dataset, pictures: Sequence[Picture], reason: str) -> Dataset:
    """Make the version of `dataset` with further training images, and make it current.

    Args:
        dataset: The current version.
        pictures: At least one; which of them are passed over, see `new_rows`.
        reason: Kept with the version.

    Raises:
        InvalidInput: `nothing_new` if all of them are passed over; several tasks, which one label
            cannot answer; a class the data set does not have; a reason that is too long.
        Conflict: As `exclude`.
    """
    if dataset.task == "multi_task":
        raise InvalidInput(
            "The data set “{dataset}” asks several questions, and a picture with one label answers "
            "only one of them.",
            code="several_tasks",
            dataset=dataset.name,
        )
    labels = [_indices(dataset, picture.label, []) for picture in pictures]
    with temporary_folder(dataset.path.parent) as folder:
        frame = new_rows(dataset, pictures, labels, folder)
        ids = tuple(frame["id"])
        report = replace(dataset.report, added=dataset.report.added + len(ids))
        change = Change("add", len(ids), reason, ids)
        return _derive(dataset, dataset.index, report, change, (frame, folder))


def restore(name: str, version: str) -> Dataset:
    """Make an older version of the data set `name` current again; `NotFound` if there is none."""
    dataset = get_dataset(name, version)
    set_current(name, version)
    return dataset


def history(name: str) -> list[Dataset]:
    """Return every version of a data set, newest first; `NotFound` if there is no such name."""
    get_dataset(name)  # refuses a name that is none, such as one that leads elsewhere
    found = [get_dataset(name, version) for version in version_names(name)]
    return sorted(found, key=lambda dataset: dataset.created, reverse=True)


def _rows(dataset: Dataset, ids: Iterable[str]) -> list[int]:
    rows = [dataset.position(image_id) for image_id in dict.fromkeys(ids)]
    if not rows:
        raise InvalidInput("No image was chosen. Choose at least one.", code="no_choice")
    return rows


def _indices(dataset: Dataset, names: str | Sequence[str], given: Sequence[int]) -> list[int]:
    chosen = [names] if isinstance(names, str) else list(names)
    for name in chosen:
        if name not in dataset.classes:
            raise InvalidInput(
                "The data set “{dataset}” has no class “{name}”. Choose one of: {choices}.",
                code="class_not_found",
                dataset=dataset.name,
                name=name[:80],
                choices=", ".join(dataset.classes[:20])[:400],
            )
    if not chosen:
        raise InvalidInput(
            "An image needs at least one class. Exclude it if it shows none.", code="no_label"
        )
    named = sorted({dataset.classes.index(name) for name in chosen})
    found = []
    for task, span in zip(dataset.tasks, spans(dataset.tasks), strict=True):
        own = [index for index in named if span.start <= index < span.stop]
        if len(own) > 1 and not task.several:
            raise _one_label(dataset, task, len(own))
        found += own or [index for index in given if span.start <= index < span.stop]
    return found


def _one_label(dataset: Dataset, task: Task, n: int) -> InvalidInput:
    if task.name:
        return InvalidInput(
            "An image of “{dataset}” has one class of the task “{task}”; received {n}.",
            code="one_label",
            dataset=dataset.name,
            task=task.name,
            n=n,
        )
    return InvalidInput(
        "An image of “{dataset}” has one class; received {n}.",
        code="one_label",
        dataset=dataset.name,
        n=n,
    )


def _derive(
    parent: Dataset,
    frame: pd.DataFrame,
    report: Report,
    change: Change,
    added: tuple[pd.DataFrame, Path] | None = None,
) -> Dataset:
    """Make the version with the rows `frame` of `parent`, and `added` ones from a folder."""
    import pandas as pd

    parts = [(frame, parent.path), *([added] if added else [])]
    frame = pd.concat([rows for rows, _ in parts], ignore_index=True) if added else frame
    with exclusive(parent.path.parent / ".lock"):
        _check(parent, frame, change.reason)
        version = _content_hash(parent.classes, frame)
        path = parent.path.parent / version
        if not (path / "dataset.json").is_file():
            with new_folder(path) as folder:
                for rows, origin in parts:
                    _link_files(origin, rows, folder)
                frame.to_parquet(folder / "index.parquet", index=False)
                replace(
                    parent,
                    version=version,
                    path=folder,
                    created=datetime.now(UTC).isoformat(timespec="microseconds"),
                    report=_counted(report, frame),
                    parent=parent.version,
                    change=change,
                ).write()
        set_current(parent.name, version)
    return get_dataset(parent.name, version)


def _check(parent: Dataset, frame: pd.DataFrame, reason: str) -> None:
    if len(reason) > MAX_REASON:
        raise InvalidInput(
            "The reason may have up to {limit} characters; received {n}.",
            code="long_reason",
            limit=MAX_REASON,
            n=len(reason),
        )
    left = {index for indices in frame["labels"] for index in indices}
    for index, name in enumerate(parent.classes):
        if index not in left:
            raise InvalidInput(
                "The class “{name}” would lose its last image. Leave it at least one, or import "
                "the images without this class.",
                code="last_image",
                name=name[:80],
            )
    current = get_dataset(parent.name).version
    if current != parent.version:
        raise Conflict(
            "The data set “{name}” has changed meanwhile; its current version is {version}. "
            "Look at it, then try again.",
            code="version_changed",
            name=parent.name,
            version=current,
        )


def _content_hash(classes: Sequence[str], frame: pd.DataFrame) -> str:
    """Hash what a version pins: which image (by id, which flags name) is what, and where."""
    digest = hashlib.sha256(b"derived 1")
    columns = (frame["id"], frame["sha256"], frame["split"], frame["labels"])
    for image_id, sha256, split, labels in zip(*columns, strict=True):
        names = [classes[index] for index in labels]
        digest.update(json.dumps([image_id, sha256, split, names]).encode())
    return digest.hexdigest()[:12]


def _counted(report: Report, frame: pd.DataFrame) -> Report:
    hashes, labels, splits = (frame[c].tolist() for c in ("pixel_hash", "labels", "split"))
    if "phash" in frame:
        sides = np.minimum(frame["width"], frame["height"])
        groups = near_groups(hashes, frame["phash"].tolist(), sides.tolist())
    else:  # imported before near-identical images were looked for
        groups = np.unique(hashes, return_inverse=True)[1]
    counts: dict[str, Any] = repeats(labels, hashes, splits, groups)
    return replace(report, kept=len(frame), **counts)


def _link_files(origin: Path, frame: pd.DataFrame, folder: Path) -> None:
    images = [Path(file) for file in frame["file"].unique()]
    thumbs = [Path("thumbs", *file.parts[1:]) for file in images]
    made = [file for file in thumbs if (origin / file).is_file()]
    report = [Path("dropped.csv")] if (origin / "dropped.csv").is_file() else []
    for inner in {file.parent for file in [*images, *made]}:
        (folder / inner).mkdir(parents=True, exist_ok=True)
    for file in [*images, *made, *report]:
        _link(origin / file, folder / file)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links, or its limit of links to one file
        shutil.copyfile(source, target)
