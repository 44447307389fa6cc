"""Pictures that are nearly equal, and what that does to a data set."""

from __future__ import annotations

from dashboard.core.quality import pairs
from dashboard.core.quality.base import Fault, Finding, Images
from dashboard.core.quality.similar import near_pairs
from dashboard.core.text import mark


class NearRepeat(Fault):
    """Nearly equal pictures of one class in one split."""

    id = "near_duplicate"
    label = mark("Near duplicates")
    sentence = mark("{n} images are nearly the same as another image of their class and split.")
    single = mark("It is nearly the same as this image of its class and split.")
    action = "exclude"
    by_label = True

    def find(self, images: Images) -> Finding:
        return pairs.inside(images, images.once(near_pairs))


class NearLeak(Fault):
    """Nearly equal pictures on both sides of a split.

    Barz & Denzler 2020, "Do we train on test data? Purging CIFAR of near-duplicates",
    arXiv:1902.00423.
    """

    id = "near_leak"
    label = mark("Near copies across splits")
    sentence = mark(
        "{n} validation or test images are nearly the same as one in an earlier split, so being "
        "right on them proves little."
    )
    single = mark("It is nearly the same as this image of an earlier split.")
    action = "exclude"

    def find(self, images: Images) -> Finding:
        return pairs.across_splits(images, images.once(near_pairs))


class NearConflict(Fault):
    """Nearly equal pictures with different labels."""

    id = "near_conflict"
    label = mark("Near copies with contradicting labels")
    sentence = mark("{n} images look nearly the same as an image with another label.")
    single = mark("It looks nearly the same as this image with another label.")
    action = "relabel"
    by_label = True

    def find(self, images: Images) -> Finding:
        return pairs.across_labels(images, images.once(near_pairs))
