"""What networks made elsewhere expect of pixel values. Importable without TensorFlow.

A file does not say it: the person who saved it knows, or the answer to a known picture shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.core.errors import InvalidInput
from dashboard.core.models.backbones import Scaling
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

GUESS = "0..1"
"""What most tutorials do; taken where nothing is said, and said so."""


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


def possible(channels: int) -> tuple[Convention, ...]:
    """Return those an input of so many channels can have."""
    return tuple(entry for entry in CONVENTIONS if channels == 3 or not entry.colour_only)
