"""Pictures that are equal pixel for pixel, found by the hash the import stored."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from dashboard.core.quality import pairs
from dashboard.core.quality.base import Fault, Finding, Images
from dashboard.core.text import mark


def exact_pairs(images: Images) -> pairs.Pairs:
    """Pair each picture with the first equal one under every split and label.

    So a picture that comes 1,000 times makes 999 pairs and not half a million.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for row, pixel_hash in enumerate(images.dataset.index["pixel_hash"]):
        groups[pixel_hash].append(row)
    found: set[tuple[int, int]] = set()
    for rows in groups.values():
        if len(rows) < 2:
            continue
        heads: dict[tuple[int, int], int] = {}
        for row in rows:
            heads.setdefault((int(images.splits[row]), int(images.label_keys[row])), row)
        found |= {
            (min(row, head), max(row, head))
            for row in rows
            for head in heads.values()
            if row != head
        }
    both = np.array(sorted(found), np.int64).reshape(-1, 2)
    return pairs.Pairs(both[:, 0], both[:, 1], np.ones(len(both), np.float32))


class ExactRepeat(Fault):
    """Equal pictures of one class in one split: each further copy only weighs double."""

    id = "exact_duplicate"
    label = mark("Exact duplicates")
    sentence = mark("{n} images repeat another image of their class and split, pixel for pixel.")
    single = mark("It repeats this image of its class and split, pixel for pixel.")
    action = "exclude"
    by_label = True

    def find(self, images: Images) -> Finding:
        return pairs.inside(images, images.once(exact_pairs))


class ExactLeak(Fault):
    """Equal pictures on both sides of a split: the test measures memory."""

    id = "exact_leak"
    label = mark("Exact copies across splits")
    sentence = mark(
        "{n} validation or test images are in an earlier split too, pixel for pixel, so being "
        "right on them proves little."
    )
    single = mark("It is in an earlier split too, pixel for pixel.")
    action = "exclude"

    def find(self, images: Images) -> Finding:
        return pairs.across_splits(images, images.once(exact_pairs))


class ExactConflict(Fault):
    """Equal pictures with different labels: one of them is wrong."""

    id = "exact_conflict"
    label = mark("Exact copies with contradicting labels")
    sentence = mark("{n} images appear under different labels, pixel for pixel.")
    single = mark("The same picture, pixel for pixel, carries another label.")
    action = "relabel"
    by_label = True

    def find(self, images: Images) -> Finding:
        return pairs.across_labels(images, images.once(exact_pairs))
