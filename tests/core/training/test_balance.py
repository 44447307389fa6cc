from __future__ import annotations

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from dashboard.core.training.balance import (
    balanced_shares,
    class_weights,
    effective_shares,
    repeat_shares,
)
from dashboard.core.training.batches import training_batches

TARGETS = np.repeat([0, 1, 3], [60, 30, 10])


def test_weights_are_those_of_scikit_learn():
    expected = compute_class_weight("balanced", classes=np.array([0, 1, 3]), y=TARGETS)
    found = class_weights(TARGETS, 4)
    np.testing.assert_allclose(found[[0, 1, 3]], expected, rtol=1e-6)
    assert found[2] == 1


def test_drawn_classes_come_equally_often():
    images = np.zeros((100, 2, 2, 1), np.uint8)
    batches, _ = training_batches(
        images, TARGETS, np.arange(100), 100, 50, 0, {}, sampling="balanced"
    )
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


def test_what_exceeds_a_class_own_images_repeats_them() -> None:
    # 100 draws of three classes: 33.3 of each, so of the rarest 10 images and 23.3 repeats.
    found = repeat_shares(np.array([60, 30, 0, 10]))
    np.testing.assert_allclose(found, [0, 1 - 30 / (100 / 3), 0, 0.7])


def augmented(epochs: int = 50, start: int = 0, **options: str):
    images = np.full((100, 2, 2, 1), 200, np.uint8)  # what is changed differs from 200
    options = {"sampling": "augmented", **options}
    noise = {"noise": 0.1}
    return training_batches(
        images, TARGETS, np.arange(100), 20, epochs, 0, noise, start=start, **options
    )[0]


def test_only_repeats_are_changed() -> None:
    changed, drawn = np.zeros(4), np.zeros(4)
    for pixels, labels in augmented():
        differs = (pixels.numpy() != 200).any(axis=(1, 2, 3))
        np.add.at(changed, labels.numpy()[differs], 1)
        np.add.at(drawn, labels.numpy(), 1)
    assert changed[0] == 0  # the commonest class
    np.testing.assert_allclose(changed[[1, 3]] / drawn[[1, 3]], [0.1, 0.7], atol=0.03)
    np.testing.assert_allclose(drawn[[0, 1, 3]] / drawn.sum(), [1 / 3] * 3, atol=0.03)


def test_the_same_images_are_drawn_whether_changed_or_not() -> None:
    for (_, one), (_, two) in zip(augmented(3), augmented(3, sampling="balanced"), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_batch_depends_on_the_seed_and_its_number_alone() -> None:
    whole, late = list(augmented(3))[7:], list(augmented(3, start=7))
    for (one, labels), (two, others) in zip(whole, late, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(labels, others)
