from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from dashboard.core.models.reference import (
    MOST,
    NEIGHBOUR,
    PER_CLASS,
    PICTURE_SIDE,
    Reference,
    choose,
    load_reference,
    save_reference,
    small_pictures,
    unit,
)

GENERATOR = np.random.default_rng(0)


def made(n: int, channels: int = 3, side: int = 20) -> Reference:
    ramp = np.linspace(0, 255, side, dtype=np.uint8)
    pictures = np.stack([np.roll(np.tile(ramp, (side, 1)), k, axis=0) for k in range(n)])
    return Reference(
        unit(GENERATOR.normal(0, 1, (n, 16))).astype(np.float16),
        np.arange(n) % 3,
        np.repeat(pictures[..., np.newaxis], channels, axis=3),
        GENERATOR.integers(0, 2**63, 40, np.uint64),
    )


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("n", [1, 7, 30])
def test_what_is_saved_is_loaded(tmp_path: Path, n: int, channels: int) -> None:
    kept = made(n, channels)
    save_reference(kept, tmp_path)
    loaded = load_reference(tmp_path)
    assert loaded is not None
    np.testing.assert_array_equal(loaded.features, kept.features)
    np.testing.assert_array_equal(loaded.labels, kept.labels)
    np.testing.assert_array_equal(loaded.hashes, kept.hashes)
    assert loaded.pictures.shape == kept.pictures.shape
    assert np.abs(loaded.pictures.astype(int) - kept.pictures).mean() < 6  # WebP is lossy


def test_a_model_without_any_has_none(tmp_path: Path) -> None:
    assert load_reference(tmp_path) is None


def test_nothing_is_more_than_like() -> None:
    kept = made(200)
    assert kept.likenesses(kept.features).max() <= 1 + 1e-6


def test_likeness_is_the_cosine_to_the_fifth_nearest() -> None:
    kept, features = made(50), GENERATOR.normal(0, 3, (9, 16)).astype(np.float32)
    distances, _ = (
        NearestNeighbors(n_neighbors=NEIGHBOUR, metric="cosine")
        .fit(kept.features.astype(np.float32))
        .kneighbors(features)
    )
    np.testing.assert_allclose(kept.likeness(features), 1 - distances[:, -1], atol=1e-3)


def test_of_fewer_images_than_that_the_farthest_counts() -> None:
    kept, features = made(2), GENERATOR.normal(0, 3, (4, 16))
    np.testing.assert_allclose(kept.likeness(features), kept.likenesses(features).min(axis=1))


def test_a_picture_is_known_again_by_its_hash() -> None:
    kept = made(5)
    assert kept.saw(int(kept.hashes[3]))
    assert not kept.saw(int(kept.hashes[3]) + 1)


def test_all_classes_are_kept_alike() -> None:
    labels = np.repeat([0, 1, 2], [1000, 70, 4])
    rows = choose(labels)
    assert np.bincount(labels[rows]).tolist() == [PER_CLASS, PER_CLASS, 4]
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, choose(labels))
    many = choose(np.repeat(np.arange(900), 10))
    assert len(many) == 900 * (MOST // 900)


def test_kept_pictures_are_small() -> None:
    images = np.zeros((3, 224, 160, 3), np.uint8)
    assert small_pictures(images).shape[1] == PICTURE_SIDE
    assert small_pictures(images[:, :8, :8]).shape == (3, 8, 8, 3)
