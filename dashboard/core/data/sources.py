"""Where pictures come from: a folder, a zip archive, or memory. `opening` chooses.

A source lists its members and reads one at a time. Nothing here trusts a path: a member is read
through the handle the source made for it, and its path is only ever data.
"""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from dashboard.core.data.archive import MAX_MEMBERS, open_archive, read_member
from dashboard.core.data.report import Dropped
from dashboard.core.data.table import Row, Table
from dashboard.core.data.zip_names import member_names
from dashboard.core.errors import InvalidInput, TooLarge
from dashboard.core.images import encode_png

_CLUTTER = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Member:
    """One file of a source.

    Attributes:
        path: Its path inside the source, parts separated by `/`; data, never used to write.
        size: In bytes, as declared.
        key: What the source needs to read it.
    """

    path: str
    size: int
    key: Any = field(compare=False, repr=False)


class Source(ABC):
    """Files to import.

    Attributes:
        name: What to call the data set if nobody says.
        members: Files, by path, without hidden ones.
        folders: Paths of folders, also empty ones.
        hidden: Hidden files passed over.
        renamed: Members whose path came twice and was made distinct.
        links: Links passed over, to files and to folders.
        table: Labels the source brings along beside its files.
    """

    table: Table | None = None

    def __init__(self, name: str, found: Iterable[Member], folders: Iterable[str] = ()) -> None:
        self.name = name
        self.hidden = self.renamed = self.links = 0
        taken: dict[str, Member] = {}
        for member in found:
            if _is_hidden(member.path):
                self.hidden += 1
                continue
            path = distinct(member.path, taken)
            self.renamed += path != member.path
            taken[path] = Member(path, member.size, member.key)
        self.members = sorted(taken.values(), key=lambda member: member.path)
        self.folders = sorted({path for path in folders if not _is_hidden(path)})

    @abstractmethod
    def read(self, member: Member) -> bytes:
        """Return the bytes of `member`."""

    def digest(self, member: Member, content: bytes) -> str:
        """Return the hash of `content`, which `read` returned, or of what decides it."""
        return hashlib.sha256(content).hexdigest()

    def close(self) -> None:  # noqa: B027  most sources hold nothing open
        """Release what the source holds open."""


class FolderSource(Source):
    """A folder on this machine. Links in it are not followed."""

    def __init__(self, path: Path) -> None:
        files, folders, n_links = _walk(path)
        found = [Member(_inside(f, path), f.stat().st_size, f) for f in files]
        super().__init__(path.resolve().name, found, [_inside(f, path) for f in folders])
        self.links = n_links

    def read(self, member: Member) -> bytes:
        """Return the bytes of `member`."""
        content: bytes = member.key.read_bytes()
        return content


class ZipSource(Source):
    """A zip archive of unknown origin."""

    def __init__(self, path: Path) -> None:
        self._archive = open_archive(path)
        members = self._archive.infolist()
        entries = list(zip(member_names(members), members, strict=True))
        super().__init__(
            path.stem,
            [Member(name, e.file_size, e) for name, e in entries if not name.endswith("/")],
            [name.rstrip("/") for name, _ in entries if name.endswith("/")],
        )

    def read(self, member: Member) -> bytes:
        """Return the bytes of `member`; `broken_archive` if they are not as declared."""
        return read_member(self._archive, member.key)

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()


class ArraySource(Source):
    """Pictures that are in memory, with a table of their labels.

    Args:
        name: What to call the data set.
        images: uint8 (h, w), (h, w, 1) or (h, w, 3) each.
        labels: Class names of each.
        splits: Of each; None to have them made.
        dropped: What was left out before.
        tasks: Names of several tasks; `labels` then has one of each.
    """

    def __init__(
        self,
        name: str,
        images: Sequence[np.ndarray],
        labels: Sequence[tuple[str, ...]],
        splits: Sequence[str | None],
        dropped: tuple[Dropped, ...] = (),
        tasks: tuple[str, ...] = ("",),
    ) -> None:
        self._images = images
        paths = [f"{split or 'all'}/{row:06d}.png" for row, split in enumerate(splits)]
        rows = zip(paths, labels, splits, strict=True)
        self.table = Table("", tuple(Row(*row) for row in rows), dropped, tasks)
        found = [Member(path, images[row].nbytes, row) for row, path in enumerate(paths)]
        super().__init__(name, found)

    def read(self, member: Member) -> bytes:
        """Return the picture as a PNG."""
        return encode_png(self._images[member.key])

    def digest(self, member: Member, content: bytes) -> str:
        """Return the hash of the pixels, which no version of a PNG encoder changes."""
        image = self._images[member.key]
        return hashlib.sha256(f"{image.shape}".encode() + image.tobytes()).hexdigest()


def _inside(file: Path, folder: Path) -> str:
    """Return the path of `file` in `folder` as text, also where its name is not UTF-8."""
    return os.fsencode(file.relative_to(folder).as_posix()).decode("utf-8", "replace")


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") or part.casefold() in _CLUTTER for part in path.split("/"))


def distinct(path: str, taken: Container[str]) -> str:
    """Return `path`, or the first of `name-2.png`, `name-3.png` … that is free."""
    if path not in taken:
        return path
    pure, number = PurePosixPath(path), 2
    while (other := str(pure.with_name(f"{pure.stem}-{number}{pure.suffix}"))) in taken:
        number += 1
    return other


def _walk(path: Path) -> tuple[list[Path], list[Path], int]:
    """Return the files and folders below `path`, and how many links are there besides."""
    files: list[Path] = []
    folders: list[Path] = []
    n_links = 0
    for parent, inner, names in os.walk(path, onerror=_refuse):
        for name in (*inner, *names):
            found = Path(parent, name)
            if found.is_symlink():
                n_links += 1
            elif found.is_dir():
                folders.append(found)
            elif found.is_file():
                files.append(found)
        if len(files) > MAX_MEMBERS:
            raise TooLarge(
                "The folder holds more than {limit} files. Split it and try again.",
                code="too_many_files",
                limit=MAX_MEMBERS,
            )
    return files, folders, n_links


def _refuse(error: OSError) -> None:
    raise InvalidInput(
        "The folder “{folder}” cannot be read: {reason}.",
        code="unreadable_folder",
        folder=Path(error.filename).name[:80],
        reason=(error.strerror or str(error)).lower(),
    )
