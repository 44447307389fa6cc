"""Training, validation and test: made, stratified and seeded, where a source does not give them.

10 % each for validation and test. Near-identical pictures (`near`) move together, so none is on
both sides of a split made here. Every class keeps images to train on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

SHARE = 0.1
"""Share of the images set apart for validation, and again for test."""

SEED = 0
"""The same import gives the same splits."""


def complete_splits(
    given: Sequence[str | None], labels: Sequence[int], groups: Sequence[Hashable]
) -> tuple[list[str], str]:
    """Return each image's split, and how they came about.

    Args:
        given: `"train"`, `"val"`, `"test"` or None for each image.
        labels: Class index of each image, for several labels `rarest_classes`.
        groups: Equal for images that must not be parted.

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
        for row in _cut(rest, labels, groups, share):
            splits[row] = split
        share = SHARE / (1 - SHARE)  # of what is left
    return splits, how


def rarest_classes(labels: Sequence[Sequence[int]]) -> list[int]:
    """Return each image's rarest class: to share out the rare ones fairly is what is hard."""
    n_images = Counter(index for indices in labels for index in indices)
    return [min(indices, key=lambda index: (n_images[index], index)) for indices in labels]


def _cut(
    rows: list[int], labels: Sequence[int], groups: Sequence[Hashable], share: float
) -> list[int]:
    """Choose about `share` of `rows`, whole groups, from every class."""
    from sklearn.model_selection import train_test_split

    members: dict[Hashable, list[int]] = {}
    for row in rows:
        members.setdefault(groups[row], []).append(row)
    keys = list(members)
    kind = rarest_classes([[labels[row] for row in members[key]] for key in keys])
    strata = np.array(kind, np.int64)
    sizes = np.bincount(strata, minlength=1)
    common = [key for key, stratum in zip(keys, strata, strict=True) if sizes[stratum] >= 2]
    n_classes = int((sizes >= 2).sum())  # a single image of a class stays in training
    n_cut = max(round(share * len(common)), n_classes)
    if not common or len(common) - n_cut < n_classes:
        return []
    stratify = [stratum for stratum in kind if sizes[stratum] >= 2]
    _, chosen = train_test_split(common, test_size=n_cut, stratify=stratify, random_state=SEED)
    return [row for key in chosen for row in members[key]]
