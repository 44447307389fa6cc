"""Augmentations that disturb single pixels or hide a part of the image."""

from __future__ import annotations

from typing import Any

from dashboard.core.data.augmentation.base import Augmentation
from dashboard.core.text import mark


def _gaussian(strength: float) -> Any:
    import keras

    return keras.layers.Pipeline(
        [
            keras.layers.Rescaling(1 / 255),  # Keras' noise layer takes at most 1
            keras.layers.GaussianNoise(strength),
            keras.layers.Rescaling(255),
            keras.layers.ReLU(max_value=255),  # a picture has no values outside 0–255
        ]
    )


def _salt_and_pepper(strength: float) -> Any:
    from dashboard.core.data.augmentation.layers.salt_and_pepper import SaltAndPepper

    return SaltAndPepper(strength)


def _cutout(strength: float) -> Any:
    from dashboard.core.data.augmentation.layers.cutout import Cutout

    return Cutout(strength)


def _erasing(strength: float) -> Any:
    import keras

    # Both ends: a single number would be a limit, and erase in half as many images.
    return keras.layers.RandomErasing((strength, strength), value_range=(0, 255))


NOISE = (
    Augmentation(
        "noise",
        mark("Gaussian noise"),
        mark("Standard deviation of Gaussian noise, as a fraction of the full range."),
        0.5,
        _gaussian,
    ),
    Augmentation(
        "salt_pepper",
        mark("Salt and pepper"),
        mark("Share of pixels that become black or white, half of them each."),
        0.5,
        _salt_and_pepper,
    ),
    Augmentation(
        "cutout",
        mark("Cutout"),
        mark(
            "Side of a square hidden under the mean colour, as a fraction of the shorter side "
            "(DeVries & Taylor 2017, arXiv 1708.04552)."
        ),
        0.8,
        _cutout,
    ),
    Augmentation(
        "erasing",
        mark("Random erasing"),
        mark(
            "Share of images in which noise covers a rectangle of 2 to 33 % of the area "
            "(Zhong et al. 2017, arXiv 1708.04896)."
        ),
        1.0,
        _erasing,
    ),
)
