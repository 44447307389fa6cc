"""Copies every file of a layout that can be decoded, in several processes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from dashboard.core.data import reasons
from dashboard.core.data.copies import Copied, Copy, File, copy_files
from dashboard.core.data.layout import Layout, Placed
from dashboard.core.data.measure import Measures
from dashboard.core.data.parts import finish_parts
from dashboard.core.data.report import Dropped
from dashboard.core.data.sources import Source
from dashboard.core.errors import Unavailable
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
        content = source.read(member)
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
    row = 0
    n = len(os.sched_getaffinity(0))
    waiting: deque[Future[Copied]] = deque()
    with ProcessPoolExecutor(n, get_context("spawn"), _end_with_parent) as pool:
        try:
            for batch in chain(first, batches):
                waiting.append(pool.submit(copy_files, batch, folder, row))
                row += len(batch)
                if len(waiting) > 2 * n:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise Unavailable(
                "The import was broken off: one of its processes ended, perhaps for lack of "
                "memory. Try again, or import a part.",
                code="import_died",
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Let this process end when the importing one is killed, instead of waiting for ever."""
    parent = parent_process()
    assert parent

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()
