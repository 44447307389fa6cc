from __future__ import annotations

import pytest

from dashboard.core.data.folders import read_folders
from dashboard.core.data.report import Dropped
from dashboard.core.data.sources import Member
from dashboard.core.errors import InvalidInput


def layout(*paths: str, folders: tuple[str, ...] = ()):
    return read_folders([Member(path, 1, None) for path in sorted(paths)], folders)


def test_classes_without_splits():
    found = layout("dog/1.png", "cat/1.png", "cat/sub/2.png")
    assert found.classes == ("cat", "dog")
    assert {(split, label) for _, split, (label,) in found.placed} == {(None, "cat"), (None, "dog")}


def test_wrapper_and_splits():
    found = layout("a/b/Train/cat/1.png", "a/b/valid/dog/1.png", "a/b/testing/dog/2.png", "READ.me")
    assert found.wrapper == "a/b"
    assert {split for _, split, _ in found.placed} == {"train", "val", "test"}
    assert [item.file for item in found.dropped] == ["READ.me"]


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("training_set", "test_set"),
        ("TrainSet", "testset"),
        ("train data", "Test Data"),
        ("train-images", "val2017"),
        ("训练集", "测试集"),
        ("训练", "验证"),
    ],
)
def test_splits_by_other_names(train, test):
    found = layout(f"{train}/cat/1.png", f"{train}/dog/1.png", f"{test}/cat/2.png")
    assert found.classes == ("cat", "dog")
    assert {split for _, split, _ in found.placed} in ({"train", "test"}, {"train", "val"})


def test_doubled_split_folders():
    found = layout(
        "training_set/training_set/cat/1.png", "test_set/test_set/dog/1.png",
        folders=("training_set", "training_set/training_set", "test_set", "test_set/test_set"),
    )  # fmt: skip
    assert [(split, *labels) for _, split, labels in found.placed] == [
        ("test", "dog"),
        ("train", "cat"),
    ]
    with_a_class_train = layout("train/train/1.png", "train/bus/1.png", "test/train/2.png")
    assert with_a_class_train.classes == ("bus", "train")


def test_splits_of_loose_pictures_are_no_classes():
    with pytest.raises(InvalidInput, match="named like splits"):
        layout("train2017/1.jpg", "val2017/2.jpg", "annotations/instances.json")


def test_folders_inside_class_folders_are_told():
    assert layout("2021/cat/1.png", "2022/dog/1.png").inner == "2021/cat"
    assert layout("train/cat/a/1.png", "test/dog/1.png").inner == "cat/a"
    assert layout("cat/1.png", "dog/1.png").inner == ""


def test_numbers_are_sorted_as_numbers():
    assert layout("10/1.png", "9/1.png", "b/1.png", "a/1.png").classes == ("9", "10", "a", "b")


def test_one_class_is_not_taken_for_a_wrapper_silently():
    with pytest.raises(InvalidInput, match="at least 2 classes"):
        layout("cat/1.png", "cat/2.png")


def test_spellings_are_merged():
    found = layout("Straße/1.png", "STRASSE/1.png", "cafe\u0301/1.png", "café/2.png")
    assert len(found.classes) == 2
    assert set(found.merged) == {"Straße", "cafe\u0301"}


def test_one_spelling_is_merged_with_none():
    found = layout("cafe\u0301/1.png", "dog/1.png")  # as macOS codes it
    assert (found.classes, found.merged) == (("café", "dog"), {})


def test_empty_folders_count_as_classes():
    assert layout("cat/1.png", "dog/1.png", folders=("cow",)).classes == ("cat", "cow", "dog")


def test_class_named_like_a_split():
    assert layout("train/1.png", "bus/1.png").classes == ("bus", "train")


def test_lost_files_are_counted_where_they_were_placed():
    found = layout("train/cat/1.png", "train/cat/2.png", "test/cat/3.png", "val/dog/4.png", "READ")
    gone = ["train/cat/1.png", "train/cat/2.png", "test/cat/3.png", "READ"]
    dropped = [Dropped(path, "odd", "It is odd.", {}) for path in gone]
    assert found.lost(dropped) == {"cat": {"train": 2, "test": 1}}
    without_splits = layout("cat/1.png", "dog/2.png")
    assert without_splits.lost([Dropped("dog/2.png", "odd", "", {})]) == {"dog": {"": 1}}
