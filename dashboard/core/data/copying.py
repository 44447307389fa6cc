"""Copies every file of a layout that can be decoded, on several threads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from dashboard.core.data import reasons
from dashboard.core.data.copies import Copy, store_copy
from dashboard.core.data.layout import Layout, Placed
from dashboard.core.data.report import Dropped
from dashboard.core.data.sources import Member, Source
from dashboard.core.errors import InvalidInput, TooLarge, UnsupportedMedia
from dashboard.core.images import MAX_BYTES, file_too_large

_LOG = logging.getLogger(__name__)
_THREADS = 2  # on small pictures more of them fight over the interpreter lock: 33 s, not 21


class Kept(NamedTuple):
    """A file and its stored copy."""

    place: Placed
    copy: Copy


def copy_all(
    source: Source, layout: Layout, folder: Path, say: Callable[[int, int, str], None]
) -> tuple[list[Kept], list[Dropped]]:
    """Copy what can be decoded into `folder`; return it in order, and what was left out."""

    def copy(place: Placed) -> Copy | Dropped:
        return _copy(source, place.member, folder)

    kept: list[Kept] = []
    dropped = list(layout.dropped)
    total = len(layout.placed)
    with ThreadPoolExecutor(_THREADS) as pool:
        for done, (place, result) in enumerate(
            zip(layout.placed, pool.map(copy, layout.placed), strict=True), 1
        ):
            if isinstance(result, Copy):
                kept.append(Kept(place, result))
            else:
                dropped.append(result)
            if done % 500 == 0 or done == total:
                say(done, total, "decoding")
    return kept, dropped


def _copy(source: Source, member: Member, folder: Path) -> Copy | Dropped:
    if reasons.is_archive(member.path):
        return reasons.nested_archive(member.path)
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
