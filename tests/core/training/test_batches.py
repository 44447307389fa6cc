from __future__ import annotations

import numpy as np
import pytest

from dashboard.core.training.batches import evaluation_batches, training_batches

# Image i is filled with i and has the target 10·i, so every row can be told from both.
N = 23
IMAGES = np.repeat(np.arange(N, dtype=np.uint8), 16).reshape(N, 4, 4, 1)
TARGETS = 10 * np.arange(N)
ROWS = np.arange(1, N, 2)  # eleven of them


def rows_of(batches) -> list[list[int]]:
    found = []
    for images, targets in batches:
        rows = images.numpy()[:, 0, 0, 0]
        assert (images.numpy() == rows[:, None, None, None]).all()
        np.testing.assert_array_equal(targets.numpy(), 10 * rows)
        found.append([int(row) for row in rows])
    return found


def training(batch_size: int = 4, epochs: int = 3, seed: int = 0, **augmentation: float):
    return training_batches(IMAGES, TARGETS, ROWS, batch_size, epochs, seed, augmentation)


def test_every_epoch_has_every_row_once_in_an_order_of_its_own() -> None:
    batches, steps = training()
    found = rows_of(batches)
    assert steps == 3
    assert [len(batch) for batch in found] == [4, 4, 3] * 3
    epochs = [[*a, *b, *c] for a, b, c in (found[:3], found[3:6], found[6:])]
    assert all(sorted(epoch) == list(ROWS) for epoch in epochs)
    assert len({tuple(epoch) for epoch in [*epochs, list(ROWS)]}) == 4


def test_a_batch_depends_on_the_seed_and_its_number_alone() -> None:
    found = rows_of(training()[0])
    assert rows_of(training()[0]) == found
    assert rows_of(training(epochs=5)[0])[:9] == found
    assert rows_of(training()[0].skip(5)) == found[5:]
    assert rows_of(training(seed=1)[0]) != found


def test_orders_are_not_those_of_a_neighbouring_seed() -> None:
    first, second = (rows_of(training(batch_size=11, seed=seed)[0]) for seed in (0, 1))
    assert not [order for order in first if order in second]


@pytest.mark.parametrize(("batch_size", "sizes"), [(11, [11]), (100, [11]), (1, [1] * 11)])
def test_any_batch_size_fits(batch_size: int, sizes: list[int]) -> None:
    batches, steps = training(batch_size, epochs=1)
    assert steps == len(sizes)
    assert [len(batch) for batch in rows_of(batches)] == sizes


def test_pixels_stay_from_0_to_255_and_have_a_known_shape() -> None:
    images = np.full((2, 4, 6, 3), 255, np.uint8)
    batches, _ = training_batches(images, TARGETS[:2], np.arange(2), 2, 1, 0, {})
    pixels, targets = batches.element_spec
    assert (pixels.shape.as_list(), pixels.dtype) == ([None, 4, 6, 3], "float32")
    assert (targets.shape.as_list(), targets.dtype) == ([None], "int64")
    assert float(next(iter(batches))[0].numpy().max()) == 255


def test_augmentation_changes_pixels_but_neither_order_nor_targets() -> None:
    plain = [targets.numpy().tolist() for _, targets in training()[0]]
    first, second = (list(training(noise=0.1)[0]) for _ in range(2))
    assert [targets.numpy().tolist() for _, targets in first] == plain
    for (one, _), (two, _) in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, two)  # the seed decides the augmentation too
        assert np.ptp(one[0]) > 0


def test_evaluation_keeps_the_order_given() -> None:
    rows = np.array([5, 2, 9, 0, 22])
    batches = evaluation_batches(IMAGES, TARGETS, rows, batch_size=2)
    assert rows_of(batches) == [[5, 2], [9, 0], [22]]
    assert rows_of(batches) == [[5, 2], [9, 0], [22]]  # validation reads it after every epoch


def test_an_augmented_batch_depends_on_the_seed_and_its_number_alone() -> None:
    whole = [pixels.numpy() for pixels, _ in training(noise=0.1)[0]]
    late = [pixels.numpy() for pixels, _ in training(noise=0.1)[0].skip(5)]
    for one, two in zip(whole[5:], late, strict=True):
        np.testing.assert_array_equal(one, two)
    other = next(iter(training(noise=0.1, seed=1)[0]))[0].numpy()
    assert (np.sort(other.ravel()) != np.sort(whole[0].ravel())).any()


def test_a_mixture_has_the_label_of_what_is_in_it() -> None:
    rows, classes = np.arange(10), np.arange(N) % 5
    strengths = {"mixup": 1.0}
    batches, _ = training_batches(IMAGES, classes, rows, 10, 1, 0, strengths, one_hot=5)
    pixels, labels = (part.numpy() for part in next(iter(batches)))
    assert labels.shape == (10, 5)
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-6)
    # Image i is filled with i, and i modulo 5 is its class, so the class tells i up to 5.
    value = pixels[:, 0, 0, 0]
    low = labels @ np.arange(5)
    assert ((value >= low - 1e-3) & (value <= low + 5 + 1e-3)).all()
    assert (labels.max(axis=1) < 0.99).any()


def test_one_hot_labels_without_a_mixture() -> None:
    classes = np.arange(N) % 5
    batches = evaluation_batches(IMAGES, classes, np.array([3, 6]), one_hot=5)
    np.testing.assert_array_equal(next(iter(batches))[1], np.eye(5)[[3, 1]])
