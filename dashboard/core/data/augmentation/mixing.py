"""Augmentations that combine several changes or several images."""

from __future__ import annotations

from typing import Any

from dashboard.core.data.augmentation.base import Augmentation, keras_layer
from dashboard.core.text import mark


def _rand_augment(strength: float) -> Any:
    from dashboard.core.data.augmentation.layers.rand_augment import RandAugment

    return RandAugment(strength)


def _cut_mix(strength: float) -> Any:
    from dashboard.core.data.augmentation.layers.cut_mix import CutMix

    return CutMix(strength)


POLICIES = (
    Augmentation(
        "rand_augment",
        mark("RandAugment"),
        mark(
            "Two changes drawn anew for each image; the strength is how far each may go "
            "(Cubuk et al. 2019, arXiv 1909.13719)."
        ),
        1.0,
        _rand_augment,
    ),
)
"""Random choices among changes of one image."""

MIXING = (
    Augmentation(
        "mixup",
        mark("MixUp"),
        mark(
            "Two images laid over each other. Their shares, which the label takes over, come from "
            "Beta(α, α) with the strength as α (Zhang et al. 2017, arXiv 1710.09412)."
        ),
        1.0,
        keras_layer("MixUp"),
        mixes=True,
    ),
    Augmentation(
        "cutmix",
        mark("CutMix"),
        mark(
            "A rectangle replaced by that of another image; the strength is its largest share of "
            "the area, and the label mixes by area (Yun et al. 2019, arXiv 1905.04899)."
        ),
        1.0,
        _cut_mix,
        mixes=True,
    ),
)
"""Mixtures of two images; the label says how much of each."""
