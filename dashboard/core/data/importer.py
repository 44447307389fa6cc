"""Folder, zip or built-in name → a stored data set: whole or not at all, once per content."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from dashboard.core.atomic import new_folder
from dashboard.core.data.copies import Copy, store_copy
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.index import repeats, write_index
from dashboard.core.data.layout import (
    MIN_CLASSES,
    Layout,
    need_two_classes,
    no_images,
    read_layout,
)
from dashboard.core.data.report import MAX_LISTED, Dropped, Report, counted, dropped_csv
from dashboard.core.data.sources import Member, Source, open_source
from dashboard.core.data.splits import complete_splits
from dashboard.core.data.store import check_name, get_dataset, name_from, set_current
from dashboard.core.errors import (
    DiskFull,
    InvalidInput,
    LightboxError,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)
from dashboard.core.images import MAX_BYTES, file_too_large
from dashboard.core.settings import settings

Progress = Callable[[int, int, str], None]
"""`(done, total, stage)`; the stages are `"reading"`, `"decoding"` and `"writing"`."""

FORMAT = 1
"""Part of the version: raised when the same source would be stored differently."""

_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_LOG = logging.getLogger(__name__)
_THREADS = 2  # on small pictures more of them fight over the interpreter lock: 33 s, not 21
_Place = tuple[Member, str | None, str]  # with its split and class
_Row = tuple[Member, str | None, str, Copy]


def import_dataset(
    source: str | Path, name: str | None = None, on_progress: Progress | None = None
) -> Dataset:
    """Import pictures and make the result the current version of its data set.

    The version is the hash of the source's content: importing the same again returns it.

    Args:
        source: A folder, a zip archive, or a built-in name such as `"digits"`.
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
    with open_source(source) as opened:
        name = name or name_from(opened.name)
        layout = read_layout(opened.members, opened.folders)
        _check_space(opened)
        version = _version(opened, layout, say)
        path = settings().datasets / name / version
        if not (path / "dataset.json").is_file():
            with new_folder(path) as folder:
                _write(opened, layout, folder, name, version, say)
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


def _version(source: Source, layout: Layout, say: Progress) -> str:
    """Hash every path that carries meaning with the bytes behind it."""
    digest = hashlib.sha256(str(FORMAT).encode())
    total = len(layout.placed)
    for done, (member, split, label) in enumerate(layout.placed):
        if done % 1000 == 0:
            say(done, total, "reading")
        fits = member.size <= MAX_BYTES
        content = hashlib.sha256(source.read(member)).hexdigest() if fits else str(member.size)
        digest.update(json.dumps([split, label, content]).encode())
    return digest.hexdigest()[:12]


def _write(
    source: Source, layout: Layout, folder: Path, name: str, version: str, say: Progress
) -> None:
    """Fill the folder of a version."""
    rows, dropped = _copy_all(source, layout, folder, say)
    say(0, 1, "writing")
    kept = {label for _, _, label, _ in rows}
    classes = tuple(label for label in layout.classes if label in kept)
    if not rows:
        raise no_images(len(dropped))
    if len(classes) < MIN_CLASSES:
        raise need_two_classes(len(classes))
    numbers = {label: number for number, label in enumerate(classes)}
    labels = [numbers[label] for _, _, label, _ in rows]
    copies = [copy for *_, copy in rows]
    hashes = [copy.pixel_hash for copy in copies]
    splits, how = complete_splits([split for _, split, _, _ in rows], labels, hashes)
    report = Report(
        kept=len(rows),
        dropped=tuple(dropped[:MAX_LISTED]),
        dropped_counts=counted(dropped),
        hidden=source.hidden,
        renamed=source.renamed,
        wrapper=layout.wrapper,
        classes_dropped=tuple(label for label in layout.classes if label not in kept),
        classes_merged=layout.merged,
        splits=how,
        image_notes=dict(Counter(note.code for copy in copies for note in copy.notes)),
        **repeats(labels, hashes, splits),
    )
    sources = [member.path for member, *_ in rows]
    write_index(folder / "index.parquet", sources, copies, splits, labels)
    if dropped:
        (folder / "dropped.csv").write_bytes(dropped_csv(dropped))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    dataset = Dataset(name, version, classes, "single_label", folder, created, report)
    text = json.dumps(dataset.to_json(), ensure_ascii=False, indent=1)
    (folder / "dataset.json").write_text(text, "utf-8")
    say(1, 1, "writing")


def _copy_all(
    source: Source, layout: Layout, folder: Path, say: Progress
) -> tuple[list[_Row], list[Dropped]]:
    """Copy what can be decoded, on several threads, in the order of the source."""

    def copy(place: _Place) -> Copy | Dropped:
        return _copy(source, place[0], folder)

    rows: list[_Row] = []
    dropped = [Dropped.because(member.path, _no_class(member)) for member in layout.stray]
    total = len(layout.placed)
    with ThreadPoolExecutor(_THREADS) as pool:
        for done, (place, result) in enumerate(
            zip(layout.placed, pool.map(copy, layout.placed), strict=True), 1
        ):
            if isinstance(result, Copy):
                rows.append((*place, result))
            else:
                dropped.append(result)
            if done % 500 == 0 or done == total:
                say(done, total, "decoding")
    return rows, dropped


def _copy(source: Source, member: Member, folder: Path) -> Copy | Dropped:
    if member.path.lower().endswith(_ARCHIVES):
        return Dropped.because(member.path, _nested())
    if member.size > MAX_BYTES:
        return Dropped.because(member.path, file_too_large(member.size))
    content = source.read(member)
    try:
        return store_copy(content, folder)
    except (InvalidInput, UnsupportedMedia, TooLarge) as error:  # the file's own fault
        return Dropped.because(member.path, error)
    except (ArithmeticError, LookupError, TypeError, ValueError):  # a fault of ours or Pillow's
        _LOG.exception("cannot store one file")
        return Dropped.because(
            member.path,
            InvalidInput(
                "The picture could not be processed. Save it again as JPEG or PNG and retry.",
                code="unprocessable",
            ),
        )


def _nested() -> LightboxError:
    return UnsupportedMedia(
        "An archive inside the archive is not opened. Unpack it first.", code="nested_archive"
    )


def _no_class(member: Member) -> LightboxError:
    if member.path.lower().endswith(_ARCHIVES):
        return _nested()
    return InvalidInput(
        "The file lies in no class folder. Move it into the folder of its class.", code="no_class"
    )
