"""What networks made elsewhere expect of pixel values. Importable without TensorFlow.

A file does not say it: the person who saved it knows, or the answer to a known picture shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.core.errors import InvalidInput
from dashboard.core.models.backbones import BACKBONES, Scaling
from dashboard.core.text import mark


@dataclass(frozen=True)
class Convention:
    """One way to give pixel values to a network.

    Attributes:
        id: Named after the range, or after who made it common.
        label: What a person reads.
        scaling: What the first layer does to 0–255.
        colour_only: Whether it needs three channels.
    """

    id: str
    label: str
    scaling: Scaling
    colour_only: bool = False


CONVENTIONS = (
    Convention("0..255", mark("0 to 255: nothing is done, or the network does it"), "inside"),
    Convention("0..1", mark("0 to 1: divided by 255"), "unit"),
    Convention("-1..1", mark("−1 to 1: as MobileNet and Inception"), "symmetric"),
    Convention(
        "imagenet", mark("ImageNet’s mean and deviation: as DenseNet and PyTorch"), "standard", True
    ),
    Convention("caffe", mark("blue–green–red minus a mean: as VGG and ResNet50"), "bgr", True),
)

_COMMON = "0..1"
"""What most tutorials do."""


def get_convention(convention_id: str) -> Convention:
    """Return the entry with this id; `InvalidInput` names the choices."""
    for convention in CONVENTIONS:
        if convention.id == convention_id:
            return convention
    raise InvalidInput(
        "There is no value range “{value}”. Choose one of: {choices}.",
        code="unknown_range",
        value=convention_id[:80],
        choices=", ".join(convention.id for convention in CONVENTIONS),
    )


def guess(names: Iterable[str]) -> Convention:
    """Return what a network most likely expects that neither says nor scales itself.

    Args:
        names: Of the network and of the models nested in it: those of `keras.applications` keep
            theirs when something is built on them.
    """
    known = sorted(BACKBONES, key=lambda entry: -len(entry.id))  # MobileNetV2 before MobileNet
    for name in names:
        plain = name.replace("_", "").lower()
        entry = next((entry for entry in known if plain.startswith(entry.id.lower())), None)
        if entry and entry.scaling != "inside":
            return next(item for item in CONVENTIONS if item.scaling == entry.scaling)
    return get_convention(_COMMON)


def possible(channels: int) -> tuple[Convention, ...]:
    """Return those an input of so many channels can have."""
    return tuple(entry for entry in CONVENTIONS if channels == 3 or not entry.colour_only)
