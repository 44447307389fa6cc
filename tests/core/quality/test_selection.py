"""Filters and orders, on images whose every property is known."""

from __future__ import annotations

import io
from pathlib import Path, PurePosixPath

import pandas as pd
import pytest
from PIL import Image

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.quality.kept import keep
from dashboard.core.quality.results import CODE, Found, Quality, save
from dashboard.core.quality.selection import ANY_FLAG, Selection, orders, select, sizes
from tests import archives

PICTURES = {  # path → side in pixels, grey value
    "train/day/a.png": (16, 250),
    "train/day/b.png": (40, 200),
    "train/night/Ab.png": (20, 10),
    "train/night/c.png": (64, 30),
    "val/day/d.png": (16, 180),
    "test/night/e.png": (100, 5),
}


def grey(side: int, value: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side + 8, side), (value, value, value)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def shades(home: Path, tmp_path: Path) -> Dataset:
    path = tmp_path / "shades.zip"
    path.write_bytes(archives.packed((name, grey(*look)) for name, look in PICTURES.items()))
    return import_dataset(path)


def checked(dataset: Dataset) -> None:
    """Store a check: dark are e and c, an outlier is e, doubted most is a."""
    index = dataset.index.assign(stem=[PurePosixPath(name).stem for name in dataset.index.source])
    ids = index.set_index("stem")["id"]
    rows = [(ids["e"], "dark", 2.0), (ids["c"], "dark", 1.0), (ids["e"], "outlier", 1.0)]
    table = pd.DataFrame(rows, columns=["id", "fault", "score"]).assign(group=-1, other_id="")
    scores = pd.DataFrame({"id": index["id"], "uniqueness": range(len(index))})
    scores["suspicion"] = [0.9 if stem == "a" else 0.1 for stem in index["stem"]]
    scores["suggested"] = 1
    found = (Found("dark", 2), Found("outlier", 1))
    save(Quality(dataset.path, found, 0.0, CODE, "2026-11-21T00:00:00+00:00"), table, scores)


def stems(dataset: Dataset, **choice: object) -> list[str]:
    rows = select(dataset, Selection(**choice))  # type: ignore[arg-type]
    return [PurePosixPath(source).stem for source in dataset.index["source"].iloc[rows]]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"class_index": 0}, {"a", "b", "d"}),
        ({"split": "test"}, {"e"}),
        ({"class_index": 1, "split": "train"}, {"Ab", "c"}),
        ({"size": 16}, {"a", "Ab", "d"}),
        ({"size": 64}, {"c", "e"}),
        ({"size": 128}, set()),
        ({"text": "ab"}, {"Ab"}),
        ({"text": "NIGHT/"}, {"Ab", "c", "e"}),
        ({"text": "(.*"}, set()),
        ({"flag": ANY_FLAG}, set()),
    ],
)
def test_a_filter_keeps_what_it_says(shades, choice, expected) -> None:
    assert set(stems(shades, **choice)) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("brightness", ["e", "Ab", "c", "d", "b", "a"]),
        ("name", ["e", "a", "b", "Ab", "c", "d"]),  # by the whole path: test, train, val
    ],
)
def test_an_order_can_be_turned_round(shades, order, expected) -> None:
    assert stems(shades, order=order) == expected
    assert stems(shades, order=order, falling=True) == expected[::-1]


def test_size_is_the_area_and_equal_ones_keep_their_order(shades) -> None:
    assert stems(shades, order="size")[2:] == ["Ab", "b", "c", "e"]
    assert set(stems(shades, order="size")[:2]) == {"a", "d"}


def test_the_mixed_order_is_that_of_the_ids(shades) -> None:
    rows = select(shades, Selection())
    assert shades.index["id"].iloc[rows].tolist() == sorted(shades.index["id"])


def test_only_orders_that_are_known_are_offered(shades) -> None:
    measured = ["mixed", "name", "size", "bytes", "brightness", "contrast", "sharpness"]
    assert orders(shades) == measured
    assert sizes(shades) == [16, 32, 64]
    checked(shades)
    assert orders(shades) == [*measured, "uniqueness", "suspicion"]


def test_flags_and_scores_come_from_the_check(shades) -> None:
    checked(shades)
    assert set(stems(shades, flag="dark")) == {"c", "e"}
    assert stems(shades, flag=ANY_FLAG, order="brightness") == ["e", "c"]
    assert stems(shades, flag="blurry") == []
    assert stems(shades, order="suspicion", falling=True)[0] == "a"
    keep(shades, "dark", [shades.index["id"].iloc[select(shades, Selection(flag="outlier"))[0]]])
    assert stems(shades, flag="dark") == ["c"]
    assert set(stems(shades, flag=ANY_FLAG)) == {"c", "e"}  # e is an outlier still
