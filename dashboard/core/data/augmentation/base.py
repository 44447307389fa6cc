"""What an entry of the catalogue of augmentations is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Augmentation:
    """One entry of the catalogue.

    Attributes:
        id: Stable name, as in recipes.
        label: Name shown to people.
        description: What the strength means.
        maximum: Largest strength; the smallest is 0, no change.
        layer: `strength → keras layer` on float images (n, h, w, c) in 0–255, which changes each
            image differently. One that mixes takes and returns
            `{"images": …, "labels": float (n, classes)}`.
        mixes: Whether it mixes images of a batch, and their labels with them.
        needs_colour: Whether it does nothing but to images of three channels.
    """

    id: str
    label: str
    description: str
    maximum: float
    layer: Callable[[float], Any]
    mixes: bool = False
    needs_colour: bool = False

    def supports(self, channels: int) -> bool:
        """Whether it can be applied to images of so many channels."""
        return channels == 3 or not self.needs_colour


def keras_layer(name: str, **fixed: Any) -> Callable[[float], Any]:
    """Return `strength → keras.layers.<name>(strength, **fixed)`."""

    def layer(strength: float) -> Any:
        import keras

        return getattr(keras.layers, name)(strength, **fixed)

    return layer
