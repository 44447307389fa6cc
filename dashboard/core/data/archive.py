"""Zip files of unknown origin, checked as a whole before anything in them is used."""

from __future__ import annotations

import mmap
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.core.errors import InvalidInput, LightboxError, TooLarge, UnsupportedMedia

MAX_BYTES = 200 * 10**6
"""Largest archive, in bytes."""

MAX_EXPANDED = 10**9
"""Largest sum of the files inside, in bytes."""

MAX_MEMBERS = 100_000
"""Most files inside."""

MAX_RATIO = 100
"""Largest expansion of one file inside, counted from `RATIO_FROM` bytes on: photos have 1."""

RATIO_FROM = 2**20

_ENTRY = re.compile(rb"PK\x01\x02")  # starts each entry of the central directory
_ELSEWHERE = 0xFFFFFFFF  # "see the ZIP64 field", where Python found none
_LOCAL_HEADER = 30  # bytes before the file name
_BAD = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
_BAD_TOO = (struct.error, IndexError, RuntimeError, MemoryError)  # seen on hostile directories


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open a zip whose every member passed the checks; the caller closes it.

    Raises:
        UnsupportedMedia: Not a zip (`not_an_archive`).
        TooLarge: `too_large`, `too_many_files`, or `archive_bomb`.
        InvalidInput: `broken_archive`, `unsafe_path` or `encrypted`.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise TooLarge(
            "The archive has {size} MB; {limit} MB is the limit. Split it or make its pictures "
            "smaller.",
            size=round(size / 10**6),
            limit=MAX_BYTES // 10**6,
        )
    with path.open("rb") as file:
        if not file.read(4).startswith(b"PK"):
            raise UnsupportedMedia(
                "The file is not a zip archive. Pack the folder of pictures as a zip and try "
                "again.",
                code="not_an_archive",
            )
    _check_count(path)
    with _plain_errors():
        archive = zipfile.ZipFile(path)
    try:
        _check_end(path, archive)
        _check_members(archive)
    except BaseException:
        archive.close()
        raise
    return archive


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return one file, never more bytes than it declared; `broken_archive` if it lied."""
    with _plain_errors():
        content = archive.read(member)
    if len(content) != member.file_size:
        raise _broken()
    return content


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except _BAD + _BAD_TOO as error:
        raise _broken() from error


def _broken() -> LightboxError:
    return InvalidInput(
        "The archive is damaged or incomplete. Pack or upload it again.", code="broken_archive"
    )


def _check_count(path: Path) -> None:
    """Count the members before Python builds an object for each of them."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for count, _ in enumerate(_ENTRY.finditer(content), 1):
            if count > MAX_MEMBERS:
                raise TooLarge(
                    "The archive holds more than {limit} files. Split it and try again.",
                    code="too_many_files",
                    limit=MAX_MEMBERS,
                )


def _check_end(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse bytes after the end: they show that the file is not what was packed."""
    with path.open("rb") as file:
        file.seek(-(22 + len(archive.comment)), 2)
        if file.read(4) != b"PK\5\6":
            raise _broken()


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    for member in members:
        _check_member(member)
    expanded = sum(member.file_size for member in members)
    if expanded > MAX_EXPANDED:
        raise TooLarge(
            "The archive expands to {size} MB; {limit} MB is the limit. Split it or make its "
            "pictures smaller.",
            size=round(expanded / 10**6),
            limit=MAX_EXPANDED // 10**6,
        )
    _check_overlap(archive, members)


def _check_member(member: zipfile.ZipInfo) -> None:
    if not is_safe(member.orig_filename) or stat.S_ISLNK(member.external_attr >> 16):
        raise InvalidInput(
            "The archive holds “{path}”, a link or a path that leads out of it. Pack the folder "
            "again without it.",
            code="unsafe_path",
            path=member.orig_filename[:80],
        )
    if member.flag_bits & 0x1:
        raise InvalidInput(
            "The archive is protected with a password. Pack it without one and try again.",
            code="encrypted",
        )
    if member.file_size == _ELSEWHERE:
        raise _broken()
    if member.file_size > RATIO_FROM and member.file_size > MAX_RATIO * member.compress_size:
        raise TooLarge(
            "The file “{path}” in the archive expands more than {limit} times, as no picture "
            "does. Remove it and try again.",
            code="archive_bomb",
            path=member.filename[:80],
            limit=MAX_RATIO,
        )


def is_safe(name: str) -> bool:
    """Whether `name` leads nowhere but into the folder it is counted from."""
    path = name.replace("\\", "/")
    drive = len(path) > 1 and path[1] == ":" and path[0].isalpha()
    return not (path.startswith("/") or drive or "\0" in path or ".." in path.split("/"))


def _check_overlap(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes: a bomb can be small in every single ratio."""
    ordered = sorted(members, key=lambda member: member.header_offset)
    starts = [member.header_offset for member in ordered[1:]] + [archive.start_dir]
    for member, following in zip(ordered, starts, strict=False):
        name = member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437")
        end = member.header_offset + _LOCAL_HEADER + len(name) + member.compress_size
        if member.header_offset < 0 or end > following:
            raise _broken()
