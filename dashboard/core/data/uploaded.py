"""Pictures a visitor brings along to have them classified: files, and zip archives of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from dashboard.core.atomic import UNFINISHED, disk_errors
from dashboard.core.data import reasons
from dashboard.core.data.archive import MAX_BYTES
from dashboard.core.data.copies import File
from dashboard.core.data.layout import no_images
from dashboard.core.data.report import Dropped
from dashboard.core.data.sources import Member, Source, ZipSource
from dashboard.core.errors import LightboxError, TooLarge
from dashboard.core.images import MAX_BYTES as MAX_IMAGE_BYTES
from dashboard.core.images import file_too_large
from dashboard.core.settings import settings

MAX_PICTURES = 500
"""Most files that are classified at once."""


class Upload(Protocol):
    """A file in memory, such as Streamlit's `UploadedFile`."""

    name: str

    def getbuffer(self) -> memoryview: ...

    def getvalue(self) -> bytes: ...


class UploadedSource(Source):
    """Uploaded files side by side; those named `.zip` are opened.

    Args:
        uploads: What was uploaded; it stays where it is, in memory.

    Raises:
        TooLarge: More than `MAX_BYTES` or `MAX_PICTURES` in all.
        LightboxError: As `open_archive`; `no_images` where there is no file.
    """

    def __init__(self, uploads: Sequence[Upload]) -> None:
        self._archives: list[ZipSource] = []
        _check_size(sum(upload.getbuffer().nbytes for upload in uploads))
        try:
            found = [member for upload in uploads for member in self._members(upload)]
            super().__init__("upload", found)
            check_count(self)
        except BaseException:
            self.close()
            raise

    def read(self, member: Member) -> bytes:
        """Return the bytes of `member`; `broken_archive` if they are not as its zip declared."""
        content: bytes = member.key()
        return content

    def close(self) -> None:
        """Close the archives."""
        for archive in self._archives:
            archive.close()

    def _members(self, upload: Upload) -> Iterator[Member]:
        if not upload.name.lower().endswith(".zip"):
            yield Member(upload.name, upload.getbuffer().nbytes, upload.getvalue)
            return
        archive = _open(upload)
        self._archives.append(archive)
        for member in archive.members:
            yield Member(member.path, member.size, _reader(archive, member))


def check_count(source: Source) -> None:
    """Raise `TooLarge` or `no_images` unless `source` holds 1 to `MAX_PICTURES` files."""
    n = len(source.members)
    if n > MAX_PICTURES:
        raise TooLarge(
            "These are {n} files; up to {limit} are classified at once. Choose fewer.",
            code="too_many_files",
            n=n,
            limit=MAX_PICTURES,
        )
    if not n:
        raise no_images(0)


def read_picture(source: Source, member: Member) -> File:
    """Return a file with its content, or why nobody should look into it."""
    if reasons.is_archive(member.path):
        return reasons.nested_archive(member.path)
    try:
        if member.size > MAX_IMAGE_BYTES:
            raise file_too_large(member.size)
        return member.path, source.read(member)
    except LightboxError as error:
        return Dropped.because(member.path, error)


def _check_size(n_bytes: int) -> None:
    if n_bytes > MAX_BYTES:
        raise TooLarge(
            "These files have {size} MB together; {limit} MB is the limit. Choose fewer.",
            size=round(n_bytes / 10**6),
            limit=MAX_BYTES // 10**6,
        )


def _open(upload: Upload) -> ZipSource:
    """Open a zip from a file whose name is gone at once, so that nothing of it can be left."""
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=UNFINISHED) as folder:
        path = Path(folder) / "upload.zip"
        with disk_errors():
            path.write_bytes(upload.getbuffer())
        return ZipSource(path)


def _reader(archive: ZipSource, member: Member) -> Callable[[], bytes]:
    return lambda: archive.read(member)
