"""The catalogue of augmentations: random changes of training images.

They belong to the input pipeline, never to the model, so a served model sees images as they are.
TensorFlow is imported only when a layer is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashboard.core.data.augmentation.colour import COLOUR
from dashboard.core.data.augmentation.geometry import GEOMETRY
from dashboard.core.data.augmentation.mixing import MIXING, POLICIES
from dashboard.core.data.augmentation.noise import NOISE
from dashboard.core.errors import InvalidInput

AUGMENTATIONS = (*GEOMETRY, *COLOUR, *POLICIES, *NOISE, *MIXING)
"""In the order in which they are applied: geometry first, so that margins are recoloured too."""

_BY_ID = {entry.id: entry for entry in AUGMENTATIONS}


def check_augmentation(strengths: Mapping[str, float], channels: int) -> None:
    """Raise `InvalidInput` for what cannot be applied to images of so many channels.

    That is an unknown id, a strength out of range, or a change of colour where there is none.
    """
    for name, strength in strengths.items():
        if name not in _BY_ID:
            raise InvalidInput(
                "There is no augmentation “{value}”. Choose from: {choices}.",
                code="unknown_augmentation",
                value=name[:80],
                choices=", ".join(_BY_ID),
            )
        if not 0 <= strength <= _BY_ID[name].maximum:
            raise InvalidInput(
                "The strength of augmentation “{name}” must lie between 0 and {high}; "
                "received {value}.",
                code="invalid_recipe",
                name=name,
                high=_BY_ID[name].maximum,
                value=strength,
            )
        if strength and not _BY_ID[name].supports(channels):
            raise InvalidInput(
                "The augmentation “{name}” needs colour, and the network gets grey images. "
                "Leave it out, or choose an input of three channels.",
                code="invalid_recipe",
                name=name,
            )


def mixes(ids: Iterable[str]) -> bool:
    """Whether one of these augmentations mixes images and their labels."""
    return any(_BY_ID[name].mixes for name in ids)
