"""From reviewed pictures to a new version of a data set."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.core.data.adding import Picture
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.versions import add
from dashboard.core.feedback.store import Item, discard, items


def about(dataset: Dataset) -> list[Item]:
    """Return what waits and is of one of the classes of `dataset`, the oldest first."""
    return [item for item in items() if {item.label, item.answer} <= set(dataset.classes)]


def learn(dataset: Dataset, chosen: Sequence[Item], reason: str) -> Dataset:
    """Add pictures to the training images of `dataset`, and take them out of the queue.

    Raises:
        LightboxError: As `versions.add`; the queue is as it was.
    """
    pictures = [
        Picture(f"feedback/{item.id}.png", item.picture.read_bytes(), item.label) for item in chosen
    ]
    made = add(dataset, pictures, reason)
    discard(*(item.id for item in chosen))
    return made
