from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from dashboard.core.data.dataset import THUMB_SIDE, Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.pack import pack, pack_bytes
from dashboard.core.errors import LightboxError, NotFound
from tests import archives, corpus


@pytest.fixture
def digits(home) -> Dataset:
    return import_dataset("digits")


@pytest.fixture
def photos(home, tmp_path) -> Dataset:
    tall = corpus.saved(corpus.smooth(400, 200), "JPEG", quality=90)
    wide = corpus.saved(corpus.smooth(161, 320))
    path = tmp_path / "photos.zip"
    path.write_bytes(archives.packed([*archives.pets(), ("cat/t.jpg", tall), ("dog/w", wide)]))
    return import_dataset(path)


def test_digits_are_scikit_learns(digits):
    expected = load_digits()
    order = [int(source[2:6]) for source in digits.index["source"]]
    pixels = pack(digits, 8, 8, 1)
    assert digits.classes == tuple("0123456789")
    assert (pixels[..., 0] == np.round(expected.images[order] * 255 / 16)).all()
    labels = [labels[0] for labels in digits.index["labels"]]
    assert labels == expected.target[order].tolist()


def test_counts_targets_and_rows_agree(digits):
    counts = digits.counts()
    assert counts.to_numpy().sum() == len(digits.index) == digits.report.kept == 1797
    for split in ("train", "val", "test"):
        assert np.bincount(digits.targets(split)).tolist() == counts[split].tolist()
        assert len(digits.rows(split, 3)) == counts[split].iloc[3]
    assert len(digits.rows(class_index=3)) == counts.iloc[3].sum()


def test_unknown_image(digits):
    for path in (digits.image_path, digits.thumb_path, digits.row):
        with pytest.raises(NotFound):
            path("../../../etc/passwd")


def test_thumbs_only_where_they_are_smaller(photos):
    for _, row in photos.index.iterrows():
        same = photos.thumb_path(row["id"]) == photos.image_path(row["id"])
        assert same == (max(row["width"], row["height"]) <= THUMB_SIDE)
        thumb = photos.thumb_path(row["id"]).read_bytes()
        height, width = corpus_shape(thumb)
        assert max(height, width) <= THUMB_SIDE
        assert height / width == pytest.approx(row["height"] / row["width"], abs=0.02)


def corpus_shape(content: bytes) -> tuple[int, ...]:
    from dashboard.core.images import decode

    return decode(content).pixels.shape[:2]


def test_pack_is_built_once_and_read_only(photos):
    told = []
    first = pack(photos, 12, 10, 3, lambda *news: told.append(news))
    assert first.shape == (10, 12, 10, 3)
    assert first.nbytes == pack_bytes(photos, 12, 10, 3)
    assert told[-1] == (10, 10, "packing")
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0
    again = pack(photos, 12, 10, 3, lambda *_: pytest.fail("built again"))
    assert (again == first).all()
    assert [path.name for path in (photos.path / "packs").iterdir()] == ["12x10x3.npy"]


def test_failed_pack_leaves_nothing(photos):
    photos.image_path(photos.index["id"].iloc[0]).write_bytes(b"gone bad")
    with pytest.raises(LightboxError):
        pack(photos, 8, 8, 1)
    assert list((photos.path / "packs").iterdir()) == []


def test_read_gives_the_same(photos):
    again = Dataset.read(photos.path)
    assert again.to_json() == photos.to_json()
    assert again.report == photos.report
