"""The images a run learns from, is watched by and is tested on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from dashboard.core.data.dataset import SPLITS, Dataset
from dashboard.core.data.pack import pack
from dashboard.core.errors import InvalidInput
from dashboard.core.training.observer import Observer
from dashboard.core.training.recipe import Recipe

_PINNED = 8


class Examples(NamedTuple):
    """Packed images (n, h, w, c), their targets (`Dataset.targets`), and the rows of each split."""

    images: np.ndarray
    targets: np.ndarray
    rows: dict[str, np.ndarray]


class Pinned(NamedTuple):
    """Images whose answers are followed through the run.

    Attributes:
        ids: In the data set.
        pixels: uint8 (p, h, w, c).
        targets: Their classes, in the form of the data set's targets.
    """

    ids: tuple[str, ...]
    pixels: np.ndarray
    targets: np.ndarray


def load_examples(recipe: Recipe, dataset: Dataset, observer: Observer) -> Examples:
    """Pack the images at the recipe's size; `InvalidInput` where a split is empty."""
    height, width, channels = recipe.input_shape
    images = pack(
        dataset,
        height,
        width,
        channels,
        on_progress=lambda done, total, *_: observer.stage("packing", done, total),
    )
    return Examples(images, dataset.targets(), {name: split_rows(dataset, name) for name in SPLITS})


def choose_pinned(dataset: Dataset, data: Examples) -> Pinned:
    """Choose validation images to follow, of as many classes as there are."""
    rows = data.rows["val"]
    first = data.targets[rows] if data.targets.ndim == 1 else data.targets[rows].argmax(axis=1)
    rank = pd.Series(rows).groupby(first).cumcount().to_numpy()
    chosen = rows[np.lexsort((first, rank))[:_PINNED]]
    ids = tuple(dataset.index["id"].to_numpy()[chosen])
    return Pinned(ids, np.asarray(data.images[chosen]), data.targets[chosen])


def split_rows(dataset: Dataset, split: str) -> np.ndarray:
    """Return the row numbers of the images of a split, int64 (n,); `InvalidInput` without any."""
    rows = np.flatnonzero((dataset.index["split"] == split).to_numpy())
    if not len(rows):
        raise InvalidInput(
            "The data set “{name}” has no images in its {split} split. Import it again with more "
            "images per class.",
            code="empty_split",
            name=dataset.name,
            split=split,
        )
    return rows
