"""The catalogue of augmentations: random changes of training images that keep their label.

They belong to the input pipeline, never to the model, so a served model sees images as they are.
TensorFlow is imported only when a pipeline is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.core.errors import InvalidInput
from dashboard.core.text import mark


@dataclass(frozen=True)
class Augmentation:
    """One entry of the catalogue.

    Attributes:
        id: Stable name, as in recipes.
        label: Name shown to people.
        description: What the strength means.
        maximum: Largest strength; the smallest is 0, no change.
        layer: `(strength, seed) → keras layer` on float images in 0–255.
    """

    id: str
    label: str
    description: str
    maximum: float
    layer: Callable[[float, int], Any]


def _keras(name: str, **fixed: Any) -> Callable[[float, int], Any]:
    def layer(strength: float, seed: int) -> Any:
        import keras

        return getattr(keras.layers, name)(strength, seed=seed, **fixed)

    return layer


def _flip(_strength: float, seed: int) -> Any:
    import keras

    return keras.layers.RandomFlip("horizontal", seed=seed)


def _translation(strength: float, seed: int) -> Any:
    import keras

    return keras.layers.RandomTranslation(strength, strength, fill_mode="constant", seed=seed)


def _shrink(strength: float, seed: int) -> Any:
    import keras

    return keras.layers.RandomZoom((0.0, strength), fill_mode="constant", seed=seed)


def _contrast(strength: float, seed: int) -> Any:
    import keras

    # Both ends: a single number would only raise the contrast.
    return keras.layers.RandomContrast((strength, strength), value_range=(0, 255), seed=seed)


def _invert(strength: float, seed: int) -> Any:
    import keras

    # Both ends: a single number would be a limit, and swap half as many images.
    return keras.layers.RandomInvert((strength, strength), value_range=(0, 255), seed=seed)


def _noise(strength: float, seed: int) -> Any:
    import keras

    return keras.layers.Pipeline(
        [
            keras.layers.Rescaling(1 / 255),  # Keras' noise layer takes at most 1
            keras.layers.GaussianNoise(strength, seed=seed),
            keras.layers.Rescaling(255),
            keras.layers.ReLU(max_value=255),  # a picture has no values outside 0–255
        ]
    )


AUGMENTATIONS = (
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
        _keras("RandomRotation", fill_mode="constant"),
    ),
    Augmentation(
        "translation",
        mark("Shift"),
        mark("Largest shift, as a fraction of the side."),
        0.5,
        _translation,
    ),
    Augmentation(
        "shrink",
        mark("Shrink"),
        mark("Largest black margin in all, as a fraction of the shrunk image's size."),
        0.9,
        _shrink,
    ),
    Augmentation(
        "shear",
        mark("Shear"),
        mark("Largest slant, as a fraction of the side."),
        0.5,
        _keras("RandomShear", fill_mode="constant"),
    ),
    Augmentation(
        "brightness",
        mark("Brightness"),
        mark("Largest change to either side, as a fraction of the full range."),
        1.0,
        _keras("RandomBrightness", value_range=(0, 255)),
    ),
    Augmentation(
        "contrast",
        mark("Contrast"),
        mark("Largest change to either side, as a factor around 1."),
        1.0,
        _contrast,
    ),
    Augmentation(
        "invert",
        mark("Negative"),
        mark("Share of images whose light and dark are swapped."),
        1.0,
        _invert,
    ),
    Augmentation(
        "noise",
        mark("Noise"),
        mark("Standard deviation of Gaussian noise, as a fraction of the full range."),
        0.5,
        _noise,
    ),
)
"""In the order in which they are applied: geometry first, so that margins are recoloured too."""


def check_augmentation(strengths: Mapping[str, float]) -> None:
    """Raise `InvalidInput` for an unknown id or a strength out of range."""
    known = {entry.id: entry for entry in AUGMENTATIONS}
    for name, strength in strengths.items():
        if name not in known:
            raise InvalidInput(
                "There is no augmentation “{value}”. Choose from: {choices}.",
                code="unknown_augmentation",
                value=name,
                choices=", ".join(known),
            )
        if not 0 <= strength <= known[name].maximum:
            raise InvalidInput(
                "The strength of augmentation “{name}” must lie between 0 and {high}; "
                "received {value}.",
                code="invalid_recipe",
                name=name,
                high=known[name].maximum,
                value=strength,
            )


def build_augmentation(strengths: Mapping[str, float], seed: int) -> list[Any]:
    """Return the Keras layers for `strengths` (id → strength), in catalogue order."""
    return [
        entry.layer(strengths[entry.id], seed + index)
        for index, entry in enumerate(AUGMENTATIONS)
        if strengths.get(entry.id)
    ]
