"""Training images that come later: which of them, and that a test image is never one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.core.data.adding import Picture
from dashboard.core.data.dataset import Dataset, read_pixels
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.pack import pack
from dashboard.core.data.store import get_dataset
from dashboard.core.data.versions import add, exclude, history
from dashboard.core.errors import Conflict, InvalidInput
from dashboard.core.quality.results import checked_version
from tests import archives, corpus


def photo(seed: int) -> Image.Image:
    """64 × 64, of a few large areas: what its hash looks at survives a saving."""
    small = Image.fromarray(corpus.noise(6, 6, seed=seed))
    return small.resize((64, 64), Image.Resampling.BICUBIC)


def new(seed: int, label: str) -> Picture:
    return Picture(f"new/{seed}.png", corpus.saved(photo(seed)), label)


@pytest.fixture
def pets(home: Path, tmp_path: Path) -> Dataset:
    files = [
        (f"{split}/{label}/{seed}.png", corpus.saved(photo(seed)))
        for split, start in (("train", 0), ("test", 20))
        for seed, label in ((start, "cat"), (start + 1, "dog"))
    ]
    path = tmp_path / "pets.zip"
    path.write_bytes(archives.packed([*files, ("train/dog/a.txt", b"x")]))
    return import_dataset(path)


def test_they_are_training_images_of_a_new_version(pets: Dataset) -> None:
    made = add(pets, [new(40, "cat"), new(41, "dog")], "seen in the wild")
    assert get_dataset("pets") == made
    assert made.version != pets.version
    assert made.index.iloc[: len(pets.index)].equals(pets.index)
    rows = made.index.iloc[len(pets.index) :]
    assert rows["split"].tolist() == ["train", "train"]
    assert [made.label(labels) for labels in rows["labels"]] == ["cat", "dog"]
    assert rows["source"].tolist() == ["new/40.png", "new/41.png"]
    assert made.index.dtypes.to_dict() == pets.index.dtypes.to_dict()
    assert made.change is not None
    assert (made.change.kind, made.change.n, made.change.ids) == ("add", 2, tuple(rows["id"]))
    assert (made.report.kept, made.report.added) == (len(pets.index) + 2, 2)
    messages = [note["message"] for note in made.report.to_json()["notes"]]
    assert "Images added later: 2." in messages
    assert "Files left out: 1 of 5." in messages
    for place, seed in zip(rows["id"], (40, 41), strict=True):
        assert (made.pixels(place) == np.asarray(photo(seed))).all()
        assert read_pixels(made.thumb_path(place)).shape == (64, 64, 3)
    assert pack(made, 8, 8, 3).shape == (len(made.index), 8, 8, 3)
    assert [version.version for version in history("pets")] == [made.version, pets.version]


def test_what_is_there_or_tested_with_is_passed_over(pets: Dataset) -> None:
    known = Picture("k", corpus.saved(photo(0)), "dog")
    test_image = Picture("t", corpus.saved(photo(20)), "cat")
    smaller = photo(21).resize((60, 60), Image.Resampling.BICUBIC)
    nearly = Picture("n", corpus.saved(smaller, "JPEG", quality=80), "dog")
    with pytest.raises(InvalidInput) as caught:
        add(pets, [known, test_image, nearly], "")
    assert caught.value.code == "nothing_new"
    assert get_dataset("pets") == pets
    made = add(pets, [known, test_image, nearly, new(40, "cat"), new(40, "cat")], "")
    assert made.index["source"].iloc[len(pets.index) :].tolist() == ["new/40.png"]
    assert (made.report.leaks, made.report.near_leaks) == (0, 0)


def test_refusals_leave_nothing_behind(pets: Dataset) -> None:
    before = sorted(path.name for path in pets.path.parent.iterdir())
    with pytest.raises(InvalidInput, match="no class “cow”"):
        add(pets, [new(40, "cow")], "")
    other = exclude(pets, pets.index["id"].iloc[[0]].tolist(), "")
    with pytest.raises(Conflict):
        add(pets, [new(40, "cat")], "")
    after = sorted(path.name for path in pets.path.parent.iterdir())
    assert after == sorted({*before, ".lock", other.version})


def test_a_check_of_the_version_before_says_nothing_of_what_came(pets: Dataset) -> None:
    (pets.path / "quality.json").write_text("{}")
    fewer = exclude(pets, pets.index["id"].iloc[[0]].tolist(), "")
    assert checked_version(fewer) == pets
    assert checked_version(add(fewer, [new(40, "cat")], "")) is None
