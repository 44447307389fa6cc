from __future__ import annotations

import numpy as np
import pytest

from dashboard.core.data.splits import complete_splits


def hashes(n: int) -> list[str]:
    return [str(i) for i in range(n)]


def test_nothing_given_makes_80_10_10_of_every_class():
    labels = [0] * 500 + [1] * 300 + [2] * 200
    splits, how = complete_splits([None] * 1000, labels, hashes(1000))
    assert how == "made"
    for label, n in enumerate((500, 300, 200)):
        found = [split for split, own in zip(splits, labels, strict=True) if own == label]
        assert [found.count(s) / n for s in ("train", "val", "test")] == pytest.approx(
            [0.8, 0.1, 0.1], abs=0.01
        )


@pytest.mark.parametrize(("missing", "given"), [("val", "test"), ("test", "val")])
def test_a_missing_split_is_cut_from_training(missing, given):
    before = ["train"] * 200 + [given] * 50
    splits, how = complete_splits(before, [0, 1] * 125, hashes(250))
    assert how == "completed"
    assert splits[200:] == [given] * 50
    assert splits.count(missing) == 20


def test_given_splits_stay():
    before = ["train", "val", "test"] * 4
    assert complete_splits(before, [0, 1] * 6, hashes(12)) == (before, "given")


def test_the_same_input_gives_the_same_splits():
    arguments = ([None] * 100, [0, 1] * 50, hashes(100))
    assert complete_splits(*arguments) == complete_splits(*arguments)


def test_equal_pictures_stay_together():
    labels = [0, 1] * 150
    pixel_hashes = [str(i // 6) + "ab"[label] for i, label in enumerate(labels)]
    splits, _ = complete_splits([None] * 300, labels, pixel_hashes)
    sides: dict[str, set[str]] = {}
    for pixel_hash, split in zip(pixel_hashes, splits, strict=True):
        sides.setdefault(pixel_hash, set()).add(split)
    assert all(len(side) == 1 for side in sides.values())
    assert set(splits) == {"train", "val", "test"}


@pytest.mark.parametrize(
    "sizes", [(1, 1), (2, 2), (1, 2), (3, 3), (1000, 1), (1000, 2), (5,) * 300]
)
def test_small_classes_survive(sizes):
    labels = np.repeat(np.arange(len(sizes)), sizes).tolist()
    splits, _ = complete_splits([None] * len(labels), labels, hashes(len(labels)))
    trained = {label for label, split in zip(labels, splits, strict=True) if split == "train"}
    assert trained == set(range(len(sizes)))


def test_test_only_is_split_anew():
    splits, how = complete_splits(["test"] * 100, [0, 1] * 50, hashes(100))
    assert (how, splits.count("train")) == ("made", 80)
