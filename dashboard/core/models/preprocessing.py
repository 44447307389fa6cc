"""What happens to an image on its way into a network, step by step, to look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.core.images import crop_box, fit, for_eyes
from dashboard.core.models.card import InputSpec

_DARKER = 4
"""What is cut away is shown with a quarter of its light."""

_SHOWN_PIXELS = (320, 640)
"""Sides between which a picture is shown."""


@dataclass(frozen=True, eq=False)
class Step:
    """An image after a step.

    Attributes:
        picture: uint8 (h, w, 3 or 1), of a size to be shown.
        values: The numbers the image consists of, (h, w, 3 or 1).
    """

    picture: np.ndarray
    values: np.ndarray

    @property
    def least(self) -> float:
        """The smallest value."""
        return float(self.values.min())

    @property
    def most(self) -> float:
        """The largest value."""
        return float(self.values.max())

    @property
    def mean(self) -> float:
        """The mean of all values."""
        return float(self.values.mean())


@dataclass(frozen=True)
class Preprocessing:
    """The steps.

    Attributes:
        original: As it was imported; in the picture, what is cut away is darkened.
        cropped: Whether something is cut away.
        resized: Cropped, resized, and grey if the network's input is.
        scaled: After the network's own first layer, if that is known.
    """

    original: Step
    cropped: bool
    resized: Step
    scaled: Step | None


def preprocess(
    pixels: np.ndarray, size: InputSpec, value_range: tuple[float, float] | None
) -> Preprocessing:
    """Take an image through the steps.

    Args:
        pixels: uint8 (h, w, 3).
        size: Input of the network.
        value_range: What the network's first layer makes of 0 and of 255, if that is known.
    """
    box = crop_box(pixels, size.height, size.width)
    left, top, right, bottom = (round(edge) for edge in box)
    marked = pixels // _DARKER
    marked[top:bottom, left:right] = pixels[top:bottom, left:right]
    resized = fit(pixels, size.height, size.width, size.channels)
    picture = for_eyes(resized, *_SHOWN_PIXELS)
    scaled = None
    if value_range is not None:
        low, high = value_range
        scaled = Step(picture, low + (high - low) / 255 * resized.astype(np.float32))
    return Preprocessing(
        original=Step(for_eyes(marked, *_SHOWN_PIXELS), pixels),
        cropped=(bottom - top, right - left) != pixels.shape[:2],
        resized=Step(picture, resized),
        scaled=scaled,
    )
