"""Augmentations that move the pixels. What comes in from outside is black, unless stated."""

from __future__ import annotations

from typing import Any

from dashboard.core.data.augmentation.base import Augmentation, keras_layer
from dashboard.core.text import mark


def _flip(_strength: float) -> Any:
    import keras

    return keras.layers.RandomFlip("horizontal")


def _translation(strength: float) -> Any:
    import keras

    return keras.layers.RandomTranslation(strength, strength, fill_mode="constant")


def _shift(strength: float) -> Any:
    from dashboard.core.data.augmentation.layers.shift import Shift

    return Shift(strength)


def _shrink(strength: float) -> Any:
    import keras

    return keras.layers.RandomZoom((0.0, strength), fill_mode="constant")


def _crop(strength: float) -> Any:
    from dashboard.core.data.augmentation.layers.crop import Crop

    return Crop(strength)


GEOMETRY = (
    Augmentation(
        "flip",
        mark("Mirror"),
        mark("Left and right swapped in half of the images, at any strength above 0."),
        1.0,
        _flip,
    ),
    Augmentation(
        "rotation",
        mark("Rotation"),
        mark("Largest turn to either side, as a fraction of a full turn."),
        0.5,
        keras_layer("RandomRotation", fill_mode="constant"),
    ),
    Augmentation(
        "translation",
        mark("Shift"),
        mark("Largest shift, as a fraction of the side."),
        0.5,
        _translation,
    ),
    Augmentation(
        "pixel_shift",
        mark("Shift by whole pixels"),
        mark("Largest shift, as a fraction of the side; the borders are mirrored, nothing blurs."),
        0.5,
        _shift,
    ),
    Augmentation(
        "shrink",
        mark("Shrink"),
        mark("Largest black margin in all, as a fraction of the shrunk image's size."),
        0.9,
        _shrink,
    ),
    Augmentation(
        "zoom",
        mark("Zoom"),
        mark("Largest zoom, in or out, as a fraction of the side that is shown."),
        0.5,
        keras_layer("RandomZoom", fill_mode="constant"),
    ),
    Augmentation(
        "crop",
        mark("Crop"),
        mark("Largest part of the side cut away; the rest, from a random place, is enlarged."),
        0.9,
        _crop,
    ),
    Augmentation(
        "shear",
        mark("Shear"),
        mark("Largest slant, as a fraction of the side."),
        0.5,
        keras_layer("RandomShear", fill_mode="constant"),
    ),
)
