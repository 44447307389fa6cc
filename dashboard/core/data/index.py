"""The table of a data set's images, and what it says about repeats."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from dashboard.core.data.copies import Copy

ID_DIGITS = 12
"""Digits of the hash that make an image's id."""


def write_index(
    path: Path,
    sources: Sequence[str],
    copies: Sequence[Copy],
    splits: Sequence[str],
    labels: Sequence[int],
) -> None:
    """Write `index.parquet`; its columns are explained at `Dataset.index`."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "id": image_ids([copy.sha256 for copy in copies]),
            "split": list(splits),
            "labels": [[label] for label in labels],
            "source": list(sources),
            "width": [copy.width for copy in copies],
            "height": [copy.height for copy in copies],
            "mode": [copy.mode for copy in copies],
            "sha256": [copy.sha256 for copy in copies],
            "pixel_hash": [copy.pixel_hash for copy in copies],
            "file": [copy.file for copy in copies],
        }
    )
    frame.to_parquet(path, index=False)


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
    labels: Sequence[int], pixel_hashes: Sequence[str], splits: Sequence[str]
) -> dict[str, int]:
    """Count pictures that are equal pixel for pixel, as the fields of `Report`.

    `conflicting` counts images under two classes, `duplicates` those that repeat an earlier one of
    their class, `leaks` validation and test images that are in the training split too.
    """
    classes = defaultdict(set)
    for label, pixel_hash in zip(labels, pixel_hashes, strict=True):
        classes[pixel_hash].add(label)
    pairs = list(zip(pixel_hashes, splits, strict=True))
    trained = {pixel_hash for pixel_hash, split in pairs if split == "train"}
    return {
        "conflicting": sum(len(classes[pixel_hash]) > 1 for pixel_hash in pixel_hashes),
        "duplicates": len(labels) - len(set(zip(labels, pixel_hashes, strict=True))),
        "leaks": sum(split != "train" and pixel_hash in trained for pixel_hash, split in pairs),
    }
