"""Writes that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dashboard.core.errors import DiskFull

UNFINISHED = ".tmp-"
"""How names of files and folders begin that are still being written."""


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn "no space left" into `DiskFull`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull(
                "The disk is full, so nothing was saved. Free some space and try again."
            ) from error
        raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` with `content`: temporary file, fsync, rename."""
    with disk_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync(path.parent)


def write_array(path: Path, array: np.ndarray) -> None:
    """Replace `path` with `array` as NumPy's `.npy`."""
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    write_bytes(path, out.getvalue())


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Let one block after the other work on what `path` stands for, across processes."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go with the file, also by a process that dies
        yield


def sweep(folder: Path, older_than_s: float = 24 * 3600) -> None:
    """Remove what a killed process left unfinished in `folder` and one level below it."""
    for pattern in (f"{UNFINISHED}*", f"*/{UNFINISHED}*"):
        for path in folder.glob(pattern):
            if time.time() - path.stat().st_mtime > older_than_s:
                shutil.rmtree(path, ignore_errors=True)
                path.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder that becomes `path` if the block succeeds; see `publish`.

    On any error the temporary folder is removed and `path` is untouched.
    """
    with temporary_folder(path.parent) as folder:
        yield folder
        publish(folder, path)


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Yield an empty folder in `parent` that is removed afterwards, unless it was published."""
    with disk_errors():
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=UNFINISHED))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, path: Path) -> None:
    """Make `folder` become `path` beside it, safe from power cuts.

    If `path` appeared meanwhile (another process made the same version), that one is kept.
    """
    os.sync()  # one call for thousands of image files, where fsync of each takes minutes
    try:
        os.rename(folder, path)
    except OSError:
        if not path.is_dir():
            raise
    _sync(path.parent)
