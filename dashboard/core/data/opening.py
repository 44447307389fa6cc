"""From what a person names to a source: a folder, a zip archive, or a data set known by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.core.data.digits import DigitsSource, digits_multi, digits_tasks
from dashboard.core.data.download import Progress
from dashboard.core.data.keras_sets import KERAS_SETS, keras_source
from dashboard.core.data.sources import FolderSource, Source, ZipSource
from dashboard.core.data.tfds_sets import PREFIX, tfds_source
from dashboard.core.errors import NotFound

_EMBEDDED: dict[str, Callable[[], Source]] = {
    "digits": DigitsSource,
    "digits-multi": digits_multi,
    "digits-tasks": digits_tasks,
}

NAMES = (*_EMBEDDED, *KERAS_SETS)
"""Data sets that need no file; those of Keras are fetched. `tfds:…` names more."""


def is_name(where: str) -> bool:
    """Whether `where` names a data set rather than a path. A path may begin with `./`."""
    return where in NAMES or where.startswith(PREFIX)


@contextmanager
def open_source(where: str | Path, say: Progress = lambda *_: None) -> Iterator[Source]:
    """Open a folder, a zip archive or a data set known by name.

    Raises:
        NotFound: There is nothing at that path (`source_not_found`).
        LightboxError: As `open_archive`, `keras_source` and `tfds_source`.
    """
    source = _named(str(where), say) or _at(Path(where))
    try:
        yield source
    finally:
        source.close()


def _named(name: str, say: Progress) -> Source | None:
    if name in _EMBEDDED:
        return _EMBEDDED[name]()
    if name in KERAS_SETS:
        return keras_source(name, say)
    return tfds_source(name, say) if name.startswith(PREFIX) else None


def _at(path: Path) -> Source:
    if path.is_dir():
        return FolderSource(path)
    if path.is_file():
        return ZipSource(path)
    raise NotFound(
        "There is nothing at “{path}”. Give a folder, a zip archive, or one of: {choices}.",
        code="source_not_found",
        path=str(path)[:200],
        choices=", ".join(NAMES),
    )
