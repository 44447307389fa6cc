"""The data sets of this home: finding them, and naming new ones."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from dashboard.core.atomic import write_bytes
from dashboard.core.data.dataset import Dataset
from dashboard.core.errors import InvalidInput, NotFound
from dashboard.core.settings import settings

MAX_NAME = 60
"""Longest name, in characters: at most 240 bytes, which every file system takes."""

_MAX_CHOICES = 20


def list_datasets() -> list[Dataset]:
    """Return the current version of every data set, by name. Reads no index."""
    return [get_dataset(name) for name in _names()]


def get_dataset(name: str, version: str | None = None) -> Dataset:
    """Return a data set, its current version unless one is named.

    Raises:
        NotFound: No such name or version; the message lists the choices.
    """
    names = _names()
    if name not in names:
        raise _no_dataset(name, names)
    folder = settings().datasets / name
    version = version or (folder / "current").read_text("utf-8").strip()
    versions = version_names(name)
    if version not in versions:
        raise NotFound(
            "The data set “{name}” has no version “{version}”. It has: {choices}.",
            code="dataset_not_found",
            name=name,
            version=version[:40],
            choices=", ".join(versions[:_MAX_CHOICES]),
        )
    return _read(folder / version)


def version_names(name: str) -> list[str]:
    """Return the versions of the data set `name`, in no telling order."""
    folder = settings().datasets / name
    return sorted(path.parent.name for path in folder.glob("[!.]*/dataset.json"))


def set_current(name: str, version: str) -> None:
    """Make `version` what `get_dataset(name)` returns."""
    write_bytes(settings().datasets / name / "current", version.encode())


def check_name(name: str) -> str:
    """Return `name` in normal form, or raise `InvalidInput`.

    Letters and digits of any language, - and _ are allowed, so a name is safe as a folder.
    """
    name = unicodedata.normalize("NFC", name)
    if not 1 <= len(name) <= MAX_NAME or not name[0].isalnum() or not all(map(_allowed, name)):
        raise InvalidInput(
            "A data set's name has 1 to {limit} letters, digits, - or _, and starts with a letter "
            "or digit; received “{name}”.",
            code="bad_name",
            limit=MAX_NAME,
            name=name[:80],
        )
    return name


def name_from(file_name: str) -> str:
    """Make a name from that of a file: `"My cats (2).zip"` → `"My-cats-2"`."""
    return name_of(Path(file_name.replace("\\", "/")).stem)


def name_of(title: str) -> str:
    """Make a name from any text, such as that of a folder: `"Flowers v1.2"` → `"Flowers-v1-2"`."""
    title = unicodedata.normalize("NFC", title)
    words = "".join(sign if _allowed(sign) else " " for sign in title).split()
    name = "-".join(words).lstrip("-_")[:MAX_NAME]
    return name if name and name[0].isalnum() else "dataset"


def _allowed(sign: str) -> bool:
    return sign in "-_" or unicodedata.category(sign)[0] in "LMN"


def _names() -> list[str]:
    folder = settings().datasets
    return sorted(path.parent.name for path in folder.glob("[!.]*/current"))


def _no_dataset(name: str, names: list[str]) -> NotFound:
    if not names:
        return NotFound(
            "There is no data set “{name}”; none has been imported yet. Import one first.",
            code="dataset_not_found",
            name=name[:80],
        )
    return NotFound(
        "There is no data set “{name}”. Choose one of: {choices}.",
        code="dataset_not_found",
        name=name[:80],
        choices=", ".join(names[:_MAX_CHOICES]),
    )


@lru_cache(maxsize=8)  # an index of 60,000 images takes about 30 MB; a version never changes
def _read(folder: Path) -> Dataset:
    return Dataset.read(folder)
