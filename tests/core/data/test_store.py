from __future__ import annotations

import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import check_name, get_dataset, list_datasets, name_from
from dashboard.core.errors import InvalidInput, NotFound


@pytest.mark.parametrize("name", ["digits", "数字-2", "हिन्दी", "a", "x" * 60, "9_a"])
def test_good_names(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "a\\b", ".x", "-rf", "a b", "x" * 61, "a\0", "a.b", "\u202ex", "🐱"]
)
def test_bad_names(name):
    with pytest.raises(InvalidInput):
        check_name(name)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("My cats (2).zip", "My-cats-2"),
        ("../../x.zip", "x"),
        ("C:\\a\\cats.zip", "cats"),
        ("猫.zip", "猫"),
        ("🐱.zip", "dataset"),
        ("", "dataset"),
        ("y" * 300 + ".zip", "y" * 60),
        ("--x.zip", "x"),
    ],
)
def test_names_from_files(file, name):
    assert name_from(file) == name
    assert check_name(name) == name


def test_empty_home(home):
    assert list_datasets() == []
    with pytest.raises(NotFound, match="none has been imported"):
        get_dataset("cats")


def test_not_found_names_the_choices(home):
    version = import_dataset("digits").version
    with pytest.raises(NotFound, match="digits"):
        get_dataset("cats")
    with pytest.raises(NotFound, match=version):
        get_dataset("digits", "../digits")
    assert get_dataset("digits", version) is get_dataset("digits")
