"""Classes with too few pictures, alone or beside the others."""

from __future__ import annotations

import numpy as np

from dashboard.core.quality.base import Fault, Finding, Images, nothing
from dashboard.core.tasks import spans
from dashboard.core.text import mark

MIN_IMAGES = 20
"""Fewer training pictures than this hardly teach a class."""

MAX_RATIO = 5.0
"""Largest class over smallest: beyond it, accuracy hides the small classes."""


def _training_counts(images: Images) -> np.ndarray:
    counts = np.zeros(len(images.dataset.classes), np.int64)
    for labels in images.dataset.index.loc[images.splits == 0, "labels"]:
        counts[list(labels)] += 1
    return counts


def _shown_by(images: Images, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that have one of `classes`, also beside others, and the first such class."""
    rows, found = images.dataset.memberships
    chosen = np.isin(found, classes)
    rows, first = np.unique(rows[chosen], return_index=True)
    return rows, found[chosen][first]


class SmallClass(Fault):
    """A class with too few pictures to learn from."""

    id = "small_class"
    label = mark("Small classes")
    sentence = mark("{n} classes have fewer than {limit} training images.")
    action = "review"
    whole = True

    def find(self, images: Images) -> Finding:
        counts = images.once(_training_counts)
        small = np.flatnonzero(counts < MIN_IMAGES)
        rows, classes = _shown_by(images, small)
        names = images.dataset.classes
        return Finding(
            rows,
            1 - counts[classes] / MIN_IMAGES,
            groups=classes,
            values={"limit": MIN_IMAGES},
            details=[{"class": names[item], "images": int(counts[item])} for item in small],
            n=len(small),
        )


class Imbalance(Fault):
    """Classes of very different size."""

    id = "imbalance"
    label = mark("Imbalance")
    sentence = mark(
        "{n} classes have less than a {limit}th of the training images of the largest, "
        "“{largest}”; the ratio reaches {ratio}."
    )
    action = "review"
    whole = True

    def find(self, images: Images) -> Finding:
        counts, names = images.once(_training_counts), images.dataset.classes
        largest = np.zeros(len(counts), np.int64)  # the largest class of each one's task
        for span in spans(images.dataset.tasks):
            largest[span] = span.start + counts[span].argmax()
        ratios = counts[largest] / np.maximum(counts, 1)
        values: dict[str, str | int | float] = {
            "limit": round(MAX_RATIO),
            "largest": names[int(largest[ratios.argmax()])],
            "ratio": round(float(ratios.max()), 1),
        }
        small = np.flatnonzero(ratios > MAX_RATIO)
        if not len(small):
            return nothing(**values)
        rows, classes = _shown_by(images, small)
        return Finding(
            rows,
            ratios[classes],
            groups=classes,
            values=values,
            details=[{"class": names[item], "images": int(counts[item])} for item in small],
            n=len(small),
        )
