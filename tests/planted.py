"""Digits with faults planted in them, and how many of those were found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.quality.results import Quality

SIDE = 32


@dataclass
class Planted:
    """A data set and the names of the files that carry each fault."""

    dataset: Dataset
    faults: dict[str, set[str]] = field(default_factory=dict)

    def stems(self, ids: object) -> set[str]:
        index = self.dataset.index.set_index("id")["source"]
        return {PurePosixPath(index[item]).stem for item in ids}  # type: ignore[attr-defined]

    def score(self, quality: Quality, fault: str) -> tuple[float, float, int]:
        """Return precision, recall and how many were found."""
        found, planted = self.stems(quality.of(fault)["id"]), self.faults[fault]
        right = len(found & planted)
        return right / max(len(found), 1), right / len(planted), len(found)

    def suspected_first(self, quality: Quality, share: float = 0.1) -> float:
        """Return the recall of wrong labels among the `share` of images suspected most."""
        ranked = quality.scores.sort_values("suspicion", ascending=False, kind="stable")["id"]
        planted = self.faults["label_error"]
        return len(self.stems(ranked[: int(share * len(ranked))]) & planted) / len(planted)


def digits(n: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return pixels, uint8 (n, 32, 32), and labels."""
    found = load_digits()
    small = np.round(found.images[:n] * (255 / 16)).astype(np.uint8)
    large = [Image.fromarray(item).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for item in small]
    return np.stack([np.asarray(item) for item in large]), found.target[:n]


def plant(folder: Path, n: int | None = None, each: int = 30, wrong: float = 0.05) -> Planted:
    """Make and import digits with duplicates, near duplicates, leaks and wrong labels.

    Args:
        folder: Where the files go.
        n: Digits used, all 1,797 if None.
        each: Faults of every kind but wrong labels.
        wrong: Share of wrong labels.
    """
    pixels, labels = digits(n)
    generator = np.random.default_rng(0)
    order = generator.permutation(len(labels))
    n_test = len(labels) // 5
    test, val = set(order[:n_test].tolist()), set(order[n_test : n_test + n_test // 2].tolist())
    train = order[n_test + n_test // 2 :]
    parts = np.split(train, np.cumsum([each] * 5 + [round(wrong * len(labels))]))
    faults: dict[str, set[str]] = {name: set() for name in (
        "exact_duplicate", "exact_leak", "exact_conflict", "near_duplicate", "near_leak",
        "label_error",
    )}  # fmt: skip
    mislabelled = set(parts[5].tolist())

    def put(row: int, split: str, label: int, name: str, picture: np.ndarray, ending: str) -> str:
        path = folder / split / str(label) / f"{name}{row:04d}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path, **({"quality": 75} if ending == ".jpg" else {}))
        return path.stem

    splits = ["test" if r in test else "val" if r in val else "train" for r in range(len(labels))]
    for row in range(len(labels)):
        label = int(labels[row])
        shown = (label + int(generator.integers(1, 10))) % 10 if row in mislabelled else label
        stem = put(row, splits[row], shown, "b", pixels[row], ".png")
        if row in mislabelled:
            faults["label_error"].add(stem)
    for row in parts[0].tolist():
        faults["exact_duplicate"].add(put(row, "train", labels[row], "dup", pixels[row], ".png"))
    for row in parts[1].tolist():
        faults["exact_leak"].add(put(row, "test", labels[row], "leak", pixels[row], ".png"))
    for row in parts[2].tolist():
        other = (int(labels[row]) + 1) % 10
        faults["label_error"].add(put(row, "train", other, "twin", pixels[row], ".png"))
        faults["exact_conflict"] |= {f"b{row:04d}", f"twin{row:04d}"}
    for number, row in enumerate(parts[3].tolist()):
        moved = np.roll(pixels[row], (number % 2, 1 - number % 2), (0, 1))
        picture, ending = (moved, ".png") if number % 3 else (pixels[row], ".jpg")
        faults["near_duplicate"].add(put(row, "train", labels[row], "near", picture, ending))
    for row in parts[4].tolist():
        faults["near_leak"].add(put(row, "test", labels[row], "seen", pixels[row], ".jpg"))
    return Planted(import_dataset(folder, "planted"), faults)


def plant_shortcut(folder: Path, n: int | None = None, step: int = 10) -> Dataset:
    """Make and import digits on a background that is brighter by `step` of 255 for each class."""
    pixels, labels = digits(n)
    for row, (picture, label) in enumerate(zip(pixels, labels, strict=True)):
        path = folder / str(label) / f"{row:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        lifted = picture // 2 + np.uint8(step * int(label))
        Image.fromarray(lifted).save(path)
    return import_dataset(folder, "shortcut")
