"""The review queue: pictures that visitors handed in with the class they say is right.

    <home>/feedback/<id>/{picture.png, item.json}

The picture is written anew by us, without metadata; nothing tells who gave it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from dashboard.core.atomic import exclusive, new_folder, write_bytes
from dashboard.core.errors import NotFound, Unavailable
from dashboard.core.settings import settings

MAX_ITEMS = 1000
"""Most pictures that wait: visitors are many, who reviews is one."""

MAX_BYTES = 500 * 10**6
"""Largest sum of the pictures that wait, in bytes."""

PICTURE, _ITEM = "picture.png", "item.json"
_ID_DIGITS = 16


@dataclass(frozen=True)
class Item:
    """One picture that waits to be looked at.

    Attributes:
        id: Start of the hash of the stored picture.
        model: That answered.
        version: Of the model.
        answer: Its answer.
        label: What the visitor says is right; a reviewer may have changed it.
        created: Day it was given, ISO 8601, UTC. No time of day, which could tell who it was.
        accepted: Whether a reviewer takes it.
    """

    id: str
    model: str
    version: str
    answer: str
    label: str
    created: str
    accepted: bool = False

    @property
    def picture(self) -> Path:
        """The stored picture."""
        return settings().feedback_folder / self.id / PICTURE


def items() -> list[Item]:
    """Return what waits, the oldest first."""
    found = [_read(path.parent) for path in settings().feedback_folder.glob(f"[!.]*/{_ITEM}")]
    return sorted(found, key=lambda item: (item.created, item.id))


def keep(picture: bytes, model: str, version: str, answer: str, label: str) -> Item:
    """Add a picture, PNG of our own, and return what is kept; one that waits already stays as is.

    Raises:
        Unavailable: The queue is full (`feedback_full`).
        DiskFull: There is no space left.
    """
    folder = settings().feedback_folder
    item_id = hashlib.sha256(picture).hexdigest()[:_ID_DIGITS]
    with _alone():
        if (folder / item_id / _ITEM).is_file():
            return _read(folder / item_id)
        _check_room(len(picture))
        created = datetime.now(UTC).date().isoformat()
        item = Item(item_id, model, version, answer, label, created)
        with new_folder(folder / item_id) as unfinished:
            (unfinished / PICTURE).write_bytes(picture)
            (unfinished / _ITEM).write_bytes(_json(item))
    return item


def accept(item_id: str, label: str) -> Item:
    """Take a picture as one of `label`; `NotFound` if it waits no longer."""
    return _change(item_id, label, True)


def put_back(item_id: str) -> Item:
    """Let a picture wait again that was taken; `NotFound` if it is not there any more."""
    return _change(item_id, None, False)


def discard(*item_ids: str) -> None:
    """Remove pictures for good; those that are gone already do not matter."""
    with _alone():
        waiting = {item.id for item in items()}
        for item_id in waiting.intersection(item_ids):
            shutil.rmtree(settings().feedback_folder / item_id)


def _change(item_id: str, label: str | None, accepted: bool) -> Item:
    with _alone():
        item = next((item for item in items() if item.id == item_id), None)
        if item is None:
            raise NotFound(
                "This picture is no longer in the queue. Somebody else has looked at it.",
                code="feedback_not_found",
            )
        changed = replace(item, label=label or item.label, accepted=accepted)
        write_bytes(item.picture.parent / _ITEM, _json(changed))
        return changed


def _check_room(n_bytes: int) -> None:
    sizes = [path.stat().st_size for path in settings().feedback_folder.glob(f"[!.]*/{PICTURE}")]
    if len(sizes) >= MAX_ITEMS or sum(sizes) + n_bytes > MAX_BYTES:
        raise Unavailable(
            "The queue of pictures to look at is full, so this one was not kept. Try again when "
            "somebody has looked at them.",
            code="feedback_full",
        )


@contextmanager
def _alone() -> Iterator[None]:
    folder = settings().feedback_folder
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder / ".lock"):
        yield


def _json(item: Item) -> bytes:
    return json.dumps(asdict(item), ensure_ascii=False, indent=1).encode()


def _read(folder: Path) -> Item:
    return Item(**json.loads((folder / _ITEM).read_text("utf-8")))
