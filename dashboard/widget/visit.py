"""The pictures of this visit, in the memory of its session only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_MOST = 8


class Shown(NamedTuple):
    """A picture that was answered.

    Attributes:
        path: Of the upload: the same picture asked again takes its own place.
        pixels: uint8 (s, s, 3).
        headline: The answer.
    """

    path: str
    pixels: np.ndarray
    headline: str


def added(visit: list[Shown], shown: Shown) -> list[Shown]:
    """Return the visit with `shown` in front; the oldest of more than eight is forgotten."""
    return [shown, *(item for item in visit if item.path != shown.path)][:_MOST]


def gallery(visit: list[Shown]) -> list[tuple[np.ndarray, str]]:
    """Return the pictures with their answers, the latest first."""
    return [(item.pixels, item.headline) for item in visit]
