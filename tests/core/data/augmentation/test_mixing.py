"""Pixels and labels of mixtures, computed by hand from one another."""

from __future__ import annotations

import numpy as np
import pytest

from tests.core.data.augmentation.applied import applied

N = 24
IMAGES = np.random.default_rng(1).integers(0, 256, (N, 16, 20, 3)).astype(np.float32)


def test_mixup_is_the_sum_of_two_images_weighed_as_in_the_label() -> None:
    found, labels = applied({"mixup": 1.0}, IMAGES, batch=N)
    assert ((labels > 0).sum(axis=1) <= 2).all()
    np.testing.assert_allclose(found, np.tensordot(labels, IMAGES, axes=1), atol=0.01)
    weights = np.diagonal(labels)
    assert weights.min() < 0.3  # Beta(1, 1): any share
    assert weights.max() > 0.7


def test_a_small_alpha_mixes_little() -> None:
    _, labels = applied({"mixup": 0.05}, np.zeros((400, 2, 2, 1), np.float32), batch=400)
    assert (labels.max(axis=1) > 0.95).mean() > 0.75


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_cutmix_replaces_a_rectangle_of_the_area_the_label_says(share: float) -> None:
    found, labels = applied({"cutmix": share}, IMAGES, batch=N)
    for index, (image, label) in enumerate(zip(found, labels, strict=True)):
        replaced = (image != IMAGES[index]).any(axis=-1)
        other = (label - np.eye(N)[index]).argmax() if replaced.any() else index
        assert label[other] == pytest.approx(replaced.mean() if replaced.any() else 1, abs=0.004)
        rows, columns = replaced.any(axis=1), replaced.any(axis=0)
        assert replaced.sum() == rows.sum() * columns.sum()  # a rectangle
        np.testing.assert_array_equal(image[replaced], IMAGES[other][replaced])
    area = 1 - np.diagonal(labels)
    assert 0.5 * share < area.max() <= share + 0.05  # whole pixels
