"""Pictures of this machine that a person names: files, folders and zip archives of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from dashboard.core.data import reasons
from dashboard.core.data.copies import File
from dashboard.core.data.layout import no_images
from dashboard.core.data.report import Dropped
from dashboard.core.data.sources import FolderSource, Member, ZipSource
from dashboard.core.data.uploaded import read_picture
from dashboard.core.errors import LightboxError
from dashboard.core.images import read_file

Reader = Callable[[], File]


@contextmanager
def gathered(paths: Sequence[Path]) -> Iterator[list[Reader]]:
    """Yield a reader for each picture, in the order of `paths`; archives stay open meanwhile.

    What a folder or an archive holds goes by its path inside, with the name of that in front, so
    that also a folder given by itself can name a class.

    Raises:
        LightboxError: As `open_archive`; `no_images` where there is no file at all.
    """
    with ExitStack() as stack:
        readers = [reader for path in paths for reader in _readers(path, stack)]
        if not readers:
            raise no_images(0)
        yield readers


def is_single(paths: Sequence[Path]) -> bool:
    """Whether `paths` name one file, which is no archive."""
    return len(paths) == 1 and not paths[0].is_dir() and not _is_zip(paths[0])


def shown(path: Path) -> str:
    """Return `path` as text, also where it is not UTF-8."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _readers(path: Path, stack: ExitStack) -> list[Reader]:
    if not path.is_dir() and not (path.is_file() and _is_zip(path)):
        return [partial(_guarded, shown(path), partial(_read, path))]
    source = FolderSource(path) if path.is_dir() else ZipSource(path)
    stack.callback(source.close)
    outer = shown(Path(path.resolve().name))
    members = [Member(f"{outer}/{one.path}", one.size, one.key) for one in source.members]
    return [partial(_guarded, one.path, partial(read_picture, source, one)) for one in members]


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _read(path: Path) -> File:
    return shown(path), read_file(path)


def _guarded(name: str, read: Reader) -> File:
    """Return what `read` does, or why not: one file must not end the work on all."""
    try:
        return read()
    except LightboxError as error:
        return Dropped.because(name, error)
    except OSError as error:
        return reasons.unreadable(name, error)
