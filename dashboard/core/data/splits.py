"""Training, validation and test: made, stratified and seeded, where a source does not give them.

10 % each for validation and test. Pictures that are equal pixel for pixel move together, so
none is on both sides of a split made here. Every class keeps images to train on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SHARE = 0.1
"""Share of the images set apart for validation, and again for test."""

SEED = 0
"""The same import gives the same splits."""


def complete_splits(
    given: Sequence[str | None], labels: Sequence[int], pixel_hashes: Sequence[str]
) -> tuple[list[str], str]:
    """Return each image's split, and how they came about.

    Args:
        given: `"train"`, `"val"`, `"test"` or None for each image.
        labels: Class index of each image.
        pixel_hashes: Equal for images that are equal pixel for pixel.

    Returns:
        The splits; `"given"`, `"completed"` (a missing one was cut from training) or `"made"`.
    """
    present = {split for split in given if split}
    if "train" not in present:
        splits, missing, how = ["train"] * len(given), ["test", "val"], "made"
    else:
        splits = [split or "train" for split in given]
        missing = [split for split in ("test", "val") if split not in present]
        how = "completed" if missing else "given"
    share = SHARE
    for split in missing:
        rest = [row for row, taken in enumerate(splits) if taken == "train"]
        for row in _cut(rest, labels, pixel_hashes, share):
            splits[row] = split
        share = SHARE / (1 - SHARE)  # of what is left
    return splits, how


def _cut(
    rows: list[int], labels: Sequence[int], pixel_hashes: Sequence[str], share: float
) -> list[int]:
    """Choose about `share` of `rows`, whole groups of equal pictures, from every class."""
    from sklearn.model_selection import train_test_split

    groups: dict[str, list[int]] = {}
    for row in rows:
        groups.setdefault(pixel_hashes[row], []).append(row)
    keys = list(groups)
    strata = np.array([labels[groups[key][0]] for key in keys], np.int64)
    sizes = np.bincount(strata, minlength=1)
    common = [key for key, stratum in zip(keys, strata, strict=True) if sizes[stratum] >= 2]
    n_classes = int((sizes >= 2).sum())  # a single image of a class stays in training
    n_cut = max(round(share * len(common)), n_classes)
    if not common or len(common) - n_cut < n_classes:
        return []
    stratify = [labels[groups[key][0]] for key in common]
    _, chosen = train_test_split(common, test_size=n_cut, stratify=stratify, random_state=SEED)
    return [row for key in chosen for row in groups[key]]
