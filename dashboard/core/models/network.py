"""What a network of the catalogue is. Importable without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Network:
    """One entry of the catalogue.

    Attributes:
        id: Stable name, as in recipes and cards.
        label: Name shown to people.
        description: One sentence: structure and source.
        height, width, channels: Input shape; the default where `free_input` is true.
        build: `(n_classes, height, width, channels) → keras.Model`, which takes pixel values
            0–255 in (n, h, w, c), rescales them itself and ends in logits.
        free_input: Whether a recipe may choose another size and number of channels.
        value_range: What its first layer makes of 0 and of 255.
    """

    id: str
    label: str
    description: str
    height: int
    width: int
    channels: int
    build: Callable[[int, int, int, int], Any]
    free_input: bool = False
    value_range: tuple[float, float] = (0.0, 1.0)


def lazily(family: str, **arguments: Any) -> Callable[[int, int, int, int], Any]:
    """Return the builder of a family in `nets/`, imported when it is first called.

    Args:
        family: Name of its file.
        **arguments: What its `build` takes beyond the number of classes and the input shape.
    """

    def build(n_classes: int, height: int, width: int, channels: int) -> Any:
        module = import_module(f"dashboard.core.models.nets.{family}")
        return module.build(n_classes, (height, width, channels), **arguments)

    return build
