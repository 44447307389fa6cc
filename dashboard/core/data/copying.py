"""Copies every file of a layout that can be decoded, in several processes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import chain, islice
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from dashboard.core.data import reasons
from dashboard.core.data.copier import Copier
from dashboard.core.data.copies import Copied, Copy, File, copy_files
from dashboard.core.data.layout import Layout, Placed
from dashboard.core.data.measure import Measures
from dashboard.core.data.parts import finish_parts
from dashboard.core.data.report import Dropped
from dashboard.core.data.sources import Source
from dashboard.core.images import MAX_BYTES, file_too_large

_FILES, _BYTES = 256, 16 * 2**20  # a process is given at a time, at most


class Kept(NamedTuple):
    """A file, its stored copy, and what was measured of it."""

    place: Placed
    copy: Copy
    measures: Measures


class Outcome(NamedTuple):
    """What became of the files of a layout.

    Attributes:
        kept: What was copied, in order.
        dropped: What was left out.
        digests: Hash of the content of each file, in order.
    """

    kept: list[Kept]
    dropped: list[Dropped]
    digests: list[str]


def copy_all(
    source: Source, layout: Layout, folder: Path, say: Callable[[int, int, str], None]
) -> Outcome:
    """Copy what can be decoded into `folder`; small pictures of one size are packed there too.

    Args:
        source: Where the files are.
        layout: Which files, and what they are.
        folder: Of the new version.
        say: Told `(done, total, "decoding")`.
    """
    kept: list[Kept] = []
    dropped = list(layout.dropped)
    digests: list[str] = []
    places = iter(layout.placed)
    parts: list[tuple[int, tuple[int, ...] | None]] = []
    done = 0
    for copied in _copied(_batches(source, layout, digests), folder):
        measures = iter(copied.measures)
        for result, place in zip(copied.results, places, strict=False):
            if isinstance(result, Copy):
                kept.append(Kept(place, result, next(measures)))
            else:
                dropped.append(result)
        if copied.measures:
            parts.append((done, copied.packed))
        done += len(copied.results)
        say(done, len(layout.placed), "decoding")
    finish_parts(folder, parts)
    return Outcome(kept, dropped, digests)


def _batches(source: Source, layout: Layout, digests: list[str]) -> Iterator[list[File]]:
    """Read the files, note what each holds, and hand them on in parts that fit into memory."""
    batch: list[File] = []
    size = 0
    for place in layout.placed:
        member = place.member
        if batch and (len(batch) == _FILES or size + member.size > _BYTES):
            yield batch
            batch, size = [], 0
        if member.size > MAX_BYTES:
            digests.append(str(member.size))
            batch.append(Dropped.because(member.path, file_too_large(member.size)))
            continue
        try:
            content = source.read(member)
        except OSError as error:  # one file must not end the import of all
            digests.append("unreadable")
            batch.append(reasons.unreadable(member.path, error))
            continue
        digests.append(source.digest(member, content))
        archive = reasons.is_archive(member.path)
        batch.append(reasons.nested_archive(member.path) if archive else (member.path, content))
        size += member.size
    if batch:
        yield batch


def _copied(batches: Iterator[list[File]], folder: Path) -> Iterator[Copied]:
    """Copy the batches in order: a single one here, several in a process for each core."""
    first = list(islice(batches, 2))
    if len(first) < 2:
        yield from (copy_files(batch, folder, 0) for batch in first)
        return
    with ExitStack() as stack:
        copiers = [stack.enter_context(closing(Copier())) for _ in os.sched_getaffinity(0)]
        pool = stack.enter_context(ThreadPoolExecutor(len(copiers)))
        stack.callback(pool.shutdown, cancel_futures=True)
        free = SimpleQueue[Copier]()
        for copier in copiers:
            free.put(copier)

        def copy(batch: list[File], row: int) -> Copied:
            copier = free.get()
            try:
                return copier.copy(batch, folder, row)
            finally:
                free.put(copier)

        row = 0
        waiting: deque[Future[Copied]] = deque()
        for batch in chain(first, batches):
            waiting.append(pool.submit(copy, batch, row))
            row += len(batch)
            if len(waiting) > 2 * len(copiers):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
