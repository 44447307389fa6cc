from __future__ import annotations

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from dashboard.core.training.balance import balanced_shares, class_weights, effective_shares
from dashboard.core.training.batches import training_batches

TARGETS = np.repeat([0, 1, 3], [60, 30, 10])


def test_weights_are_those_of_scikit_learn():
    expected = compute_class_weight("balanced", classes=np.array([0, 1, 3]), y=TARGETS)
    found = class_weights(TARGETS, 4)
    np.testing.assert_allclose(found[[0, 1, 3]], expected, rtol=1e-6)
    assert found[2] == 1


def test_drawn_classes_come_equally_often():
    images = np.zeros((100, 2, 2, 1), np.uint8)
    batches, _ = training_batches(images, TARGETS, np.arange(100), 100, 50, 0, {}, balanced=True)
    drawn = np.concatenate([labels.numpy() for _, labels in batches])
    assert len(drawn) == 5000
    counts = np.bincount(drawn, minlength=4)
    assert counts[2] == 0
    assert abs(counts[[0, 1, 3]] / 5000 - 1 / 3).max() < 0.03
    assert abs(balanced_shares(TARGETS).sum() - 1) < 1e-12


def test_shares_of_the_loss():
    counts = np.array([60, 30, 10])
    np.testing.assert_allclose(effective_shares(counts, False, False), [0.6, 0.3, 0.1])
    np.testing.assert_allclose(effective_shares(counts, True, False), [1 / 3] * 3)
    np.testing.assert_allclose(effective_shares(counts, False, True), [1 / 3] * 3)
    both = effective_shares(counts, True, True)  # too much of a good thing, and shown as such
    np.testing.assert_allclose(both, np.array([1 / 60, 1 / 30, 1 / 10]) / 0.15)
