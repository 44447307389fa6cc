"""The pictures of this visit, in the memory of its session only."""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image

from dashboard.widget.verdict import opened

_MOST = 8


class Shown(NamedTuple):
    """A picture that was answered.

    Attributes:
        path: Of the upload: the same picture asked again takes its own place.
        thumb_png: A small square of it.
        headline: The answer.
    """

    path: str
    thumb_png: bytes
    headline: str


def added(visit: list[Shown], shown: Shown) -> list[Shown]:
    """Return the visit with `shown` in front; the oldest of more than eight is forgotten."""
    return [shown, *(item for item in visit if item.path != shown.path)][:_MOST]


def gallery(visit: list[Shown]) -> list[tuple[Image.Image, str]]:
    """Return the pictures with their answers, the latest first."""
    return [(opened(item.thumb_png), item.headline) for item in visit]
