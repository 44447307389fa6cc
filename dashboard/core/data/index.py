"""The table of a data set's images, and what it says about repeats."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dashboard.core.data.copying import Kept

if TYPE_CHECKING:
    import pandas as pd

ID_DIGITS = 12
"""Digits of the hash that make an image's id."""


def write_index(
    path: Path, kept: Sequence[Kept], splits: Sequence[str], labels: Sequence[Sequence[int]]
) -> None:
    """Write `index.parquet`; its columns are explained at `Dataset.index`."""
    index_frame(kept, splits, labels).to_parquet(path, index=False)


def index_frame(
    kept: Sequence[Kept], splits: Sequence[str], labels: Sequence[Sequence[int]]
) -> pd.DataFrame:
    """Return the rows of an index; its columns are explained at `Dataset.index`."""
    import pandas as pd

    copies = pd.DataFrame([item.copy for item in kept]).drop(columns="notes")
    measures = pd.DataFrame([item.measures for item in kept])
    frame = pd.concat([copies, measures], axis=1)
    frame.insert(0, "id", image_ids([item.copy.sha256 for item in kept]))
    frame.insert(1, "split", list(splits))
    frame.insert(2, "labels", [list(indices) for indices in labels])
    frame.insert(3, "source", [item.place.member.path for item in kept])
    types = {"brightness": "float32", "contrast": "float32", "sharpness": "float32"}
    return frame.astype({**types, "phash": "uint64"})


def image_ids(hashes: Sequence[str]) -> list[str]:
    """Return the start of each hash, with `-2`, `-3` … where it came before."""
    seen: Counter[str] = Counter()
    ids = []
    for full in hashes:
        short = full[:ID_DIGITS]
        seen[short] += 1
        ids.append(short if seen[short] == 1 else f"{short}-{seen[short]}")
    return ids


def repeats(
    labels: Sequence[Sequence[int]],
    pixel_hashes: Sequence[str],
    splits: Sequence[str],
    groups: Sequence[int] | np.ndarray,
) -> dict[str, int]:
    """Count pictures that are equal pixel for pixel, as the fields of `Report`.

    `conflicting` counts images with other labels elsewhere, `duplicates` those that repeat an
    earlier one with the same labels, `leaks` validation and test images that are in the training
    split too, `near_leaks` those that are near-identical to one there, by `groups`.
    """
    kinds = [tuple(sorted(indices)) for indices in labels]
    classes = defaultdict(set)
    for kind, pixel_hash in zip(kinds, pixel_hashes, strict=True):
        classes[pixel_hash].add(kind)
    pairs = list(zip(pixel_hashes, splits, strict=True))
    trained = {pixel_hash for pixel_hash, split in pairs if split == "train"}
    leaks = sum(split != "train" and pixel_hash in trained for pixel_hash, split in pairs)
    near = {group for group, split in zip(groups, splits, strict=True) if split == "train"}
    alike = sum(s != "train" and group in near for group, s in zip(groups, splits, strict=True))
    return {
        "conflicting": sum(len(classes[pixel_hash]) > 1 for pixel_hash in pixel_hashes),
        "duplicates": len(kinds) - len(set(zip(kinds, pixel_hashes, strict=True))),
        "leaks": leaks,
        "near_leaks": alike - leaks,
    }
