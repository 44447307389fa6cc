"""Augmentations that change light and colour."""

from __future__ import annotations

from typing import Any

from dashboard.core.data.augmentation.base import Augmentation, keras_layer
from dashboard.core.text import mark


def _contrast(strength: float) -> Any:
    import keras

    # Both ends: a single number would only raise the contrast.
    return keras.layers.RandomContrast((strength, strength), value_range=(0, 255))


def _saturation(strength: float) -> Any:
    import keras

    # Keras clips the saturation, which goes from 0 to 1 whatever the range of the pixels.
    half = strength / 2
    return keras.layers.RandomSaturation((0.5 - half, 0.5 + half), value_range=(0, 1))


def _invert(strength: float) -> Any:
    import keras

    # Both ends: a single number would be a limit, and swap half as many images.
    return keras.layers.RandomInvert((strength, strength), value_range=(0, 255))


COLOUR = (
    Augmentation(
        "brightness",
        mark("Brightness"),
        mark("Largest change to either side, as a fraction of the full range."),
        1.0,
        keras_layer("RandomBrightness", value_range=(0, 255)),
    ),
    Augmentation(
        "contrast",
        mark("Contrast"),
        mark("Largest change to either side, as a factor around 1."),
        1.0,
        _contrast,
    ),
    Augmentation(
        "saturation",
        mark("Saturation"),
        mark("Largest change to either side; 1 goes from grey to pure colours."),
        1.0,
        _saturation,
        needs_colour=True,
    ),
    Augmentation(
        "hue",
        mark("Hue"),
        mark("Largest turn of the colour circle to either side; 1 is half the circle."),
        1.0,
        keras_layer("RandomHue", value_range=(0, 255)),
        needs_colour=True,
    ),
    Augmentation(
        "invert",
        mark("Negative"),
        mark("Share of images whose light and dark are swapped."),
        1.0,
        _invert,
    ),
)
