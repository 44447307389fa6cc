"""Folder, zip or built-in name → a stored data set: whole or not at all, once per content."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dashboard.core.atomic import publish, temporary_folder
from dashboard.core.data.copying import Kept, Outcome, copy_all
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.index import repeats, write_index
from dashboard.core.data.layout import Layout, no_images, present_tasks
from dashboard.core.data.near import near_groups
from dashboard.core.data.opening import open_source
from dashboard.core.data.placing import read_layout
from dashboard.core.data.report import Report, counted, dropped_csv, listed
from dashboard.core.data.sources import Source
from dashboard.core.data.splits import complete_splits, rarest_classes
from dashboard.core.data.store import check_name, get_dataset, name_of, set_current
from dashboard.core.errors import DiskFull, Unavailable
from dashboard.core.settings import settings
from dashboard.core.tasks import Task, class_names

Progress = Callable[[int, int, str], None]
"""`(done, total, stage)`; the stages are `"fetching"` (bytes), `"decoding"` (images) and
`"writing"`."""

FORMAT = 1
"""Part of the version: raised when the same source would be stored differently."""


def import_dataset(
    source: str | Path, name: str | None = None, on_progress: Progress | None = None
) -> Dataset:
    """Import pictures and make the result the current version of its data set.

    The version is the hash of the source's content: importing the same again returns it.

    Args:
        source: A folder, a zip archive, or a name of `opening.NAMES` such as `"digits"`.
        name: Of the data set; made from the source's name if absent.
        on_progress: Told of each stage; see `Progress`.

    Raises:
        LightboxError: With a sentence on what is wrong with the source.
    """
    try:
        return _import(source, name, on_progress or (lambda done, total, stage: None))
    except MemoryError:
        raise Unavailable(
            "There is not enough memory for this import just now. Try again, or import a part.",
            code="out_of_memory",
        ) from None


def _import(source: str | Path, name: str | None, say: Progress) -> Dataset:
    name = check_name(name) if name else None
    with open_source(source, say) as opened:
        name = name or name_of(opened.name)
        layout = read_layout(opened)
        _check_space(opened)
        with temporary_folder(settings().datasets / name) as folder:
            outcome = copy_all(opened, layout, folder, say)
            version = _version(layout, outcome)
            path = folder.parent / version
            if not (path / "dataset.json").is_file():
                say(0, 1, "writing")
                _write(opened, layout, outcome, folder, name, version)
                publish(folder, path)
    set_current(name, version)
    return get_dataset(name, version)


def _check_space(source: Source) -> None:
    needed = 2 * sum(member.size for member in source.members)
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if free < needed:
        raise DiskFull(
            "The import needs {needed} MB of disk, and {free} MB are free. Free some space and "
            "try again.",
            needed=needed // 10**6 + 1,
            free=free // 10**6,
        )


def _version(layout: Layout, outcome: Outcome) -> str:
    """Hash everything that carries meaning with the content behind it."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for (_, split, labels), content in zip(layout.placed, outcome.digests, strict=True):
        one_or_all = labels[0] if len(labels) == 1 else list(labels)
        digest.update(json.dumps([split, one_or_all, content]).encode())
    return digest.hexdigest()[:12]


def _write(
    source: Source, layout: Layout, outcome: Outcome, folder: Path, name: str, version: str
) -> None:
    """Write what says what the copies in `folder` are."""
    kept, dropped = outcome.kept, outcome.dropped
    tasks, labels = _numbered(layout, kept, len(dropped))
    hashes = [item.copy.pixel_hash for item in kept]
    groups = near_groups(
        hashes,
        [item.measures.phash for item in kept],
        [min(item.copy.width, item.copy.height) for item in kept],
    )
    given = [item.place.split for item in kept]
    splits, how = complete_splits(given, rarest_classes(labels), groups.tolist())
    report = Report(
        kept=len(kept),
        dropped=listed(dropped),
        dropped_counts=counted(dropped),
        dropped_from=layout.lost(dropped),
        hidden=source.hidden,
        renamed=source.renamed,
        links=source.links,
        wrapper=layout.wrapper,
        inner=layout.inner,
        classes_dropped=tuple(label for label in layout.classes if label not in class_names(tasks)),
        classes_merged=layout.merged,
        splits=how,
        image_notes=dict(Counter(note.code for item in kept for note in item.copy.notes)),
        table=layout.table,
        **repeats(labels, hashes, splits, groups),
    )
    write_index(folder / "index.parquet", kept, splits, labels)
    if dropped:
        (folder / "dropped.csv").write_bytes(dropped_csv(dropped))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    Dataset(name, version, tasks, folder, created, report).write()


def _numbered(
    layout: Layout, kept: list[Kept], n_dropped: int
) -> tuple[tuple[Task, ...], list[list[int]]]:
    """Return the tasks with the classes that have images, and the class indices of each image."""
    if not kept:
        raise no_images(n_dropped)
    present = {label for item in kept for label in item.place.labels}
    tasks = present_tasks(layout.tasks, present)
    numbers = {label: number for number, label in enumerate(class_names(tasks))}
    return tasks, [sorted(numbers[label] for label in item.place.labels) for item in kept]
