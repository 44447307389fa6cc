"""What holds for every entry of the catalogue, in a loop."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dashboard.core.data.augmentation.augmenter import Augmenter
from dashboard.core.data.augmentation.base import Augmentation
from dashboard.core.data.augmentation.catalog import AUGMENTATIONS, check_augmentation, mixes
from dashboard.core.errors import InvalidInput
from tests.core.data.augmentation.applied import applied, augmented

IMAGES = np.random.default_rng(0).integers(0, 256, (24, 16, 20, 3)).astype(np.float32)
every = pytest.mark.parametrize("entry", AUGMENTATIONS, ids=lambda entry: entry.id)
every_form = pytest.mark.parametrize(
    ("entry", "channels"),
    [(entry, channels) for entry in AUGMENTATIONS for channels in (3, 1)
     if entry.supports(channels)],
    ids=lambda value: getattr(value, "id", value),
)  # fmt: skip


@every_form
def test_images_stay_pictures_labels_keep_their_sum_and_a_seed_decides(
    entry: Augmentation, channels: int
) -> None:
    strengths, images = {entry.id: entry.maximum}, IMAGES[..., :channels]
    found, labels = applied(strengths, images, seed=2**31 - 1)
    assert found.shape == images.shape
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 255
    assert (found != images).any(axis=(1, 2, 3)).mean() > 0.2
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-6)
    assert (labels != np.eye(24)).any() == entry.mixes
    again, _ = applied(strengths, images, seed=2**31 - 1)
    np.testing.assert_array_equal(found, again)


@every
def test_a_tiny_strength_gives_numbers_too(entry: Augmentation) -> None:
    found, labels = applied({entry.id: 0.01}, IMAGES)
    assert np.isfinite(found).all()
    assert np.isfinite(labels).all()
    assert 0 <= found.min() <= found.max() <= 255


@every
def test_another_seed_changes_otherwise(entry: Augmentation) -> None:
    strengths = {entry.id: entry.maximum / 2}
    first, second = (augmented(strengths, IMAGES[:16], seed=seed) for seed in (0, 20))
    assert (first != second).any()


@every
def test_equal_images_of_a_batch_are_changed_differently(entry: Augmentation) -> None:
    # Mixing equal images changes nothing: what differs there are the labels.
    images = IMAGES if entry.mixes else np.repeat(IMAGES[:1], 24, axis=0)
    found, labels = applied({entry.id: entry.maximum / 2}, images, batch=24)
    if entry.mixes:
        assert len({tuple(np.sort(label)) for label in labels.round(4)}) > 6
    else:
        expected = 1 if entry.id in ("flip", "invert") else 8  # those have two outcomes
        assert len({image.tobytes() for image in found}) > expected


@every
def test_in_a_pipeline_a_batch_depends_on_its_number_and_not_on_those_before(
    entry: Augmentation,
) -> None:
    strengths = {entry.id: entry.maximum / 2}
    whole, labels = applied(strengths, IMAGES, batch=8)
    augment = Augmenter(strengths, 0)
    last = tf.data.Dataset.from_tensors((IMAGES[16:], np.eye(24, dtype=np.float32)[16:], 2))
    pixels, mixed = next(iter(last.map(augment)))
    np.testing.assert_array_equal(pixels, whole[16:])
    np.testing.assert_array_equal(mixed, labels[16:])


@every
def test_strength_0_is_not_applied(entry: Augmentation) -> None:
    check_augmentation({entry.id: 0}, 1)
    np.testing.assert_array_equal(augmented({entry.id: 0.0}, IMAGES), IMAGES)


@every
def test_every_entry_describes_itself(entry: Augmentation) -> None:
    assert entry.id == entry.id.lower()
    assert entry.label
    assert entry.description.endswith(".")
    assert entry.maximum > 0


@every
def test_a_strength_out_of_range_names_the_range(entry: Augmentation) -> None:
    check_augmentation({entry.id: entry.maximum}, 3)
    for strength in (-0.01, entry.maximum + 0.01, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match=rf"“{entry.id}”.*between 0 and {entry.maximum}"):
            check_augmentation({entry.id: strength}, 3)


def test_an_unknown_id_names_the_choices() -> None:
    with pytest.raises(InvalidInput, match=r"“blur”.*flip, rotation.*noise"):
        check_augmentation({"flip": 1.0, "blur": 0.5}, 3)


def test_grey_images_have_no_hue() -> None:
    for name in ("saturation", "hue"):
        check_augmentation({name: 0.5}, 3)
        with pytest.raises(InvalidInput, match=rf"“{name}” needs colour"):
            check_augmentation({name: 0.5}, 1)


def test_ids_are_unique_and_the_mixing_ones_known() -> None:
    ids = [entry.id for entry in AUGMENTATIONS]
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if mixes([name])] == ["mixup", "cutmix"]


def test_several_are_applied_in_the_order_of_the_catalogue() -> None:
    black = np.zeros((16, 8, 8, 1), np.float32)
    # A margin that comes first is inverted, too: nothing is left of the black.
    assert augmented({"invert": 1.0, "shrink": 0.5}, black).min() == 255
    # One that mixes comes last, so the pixels of both images are inverted.
    both = augmented({"mixup": 1.0, "invert": 1.0}, black)
    np.testing.assert_allclose(both, 255)


def test_two_augmentations_draw_numbers_of_their_own() -> None:
    images = np.repeat(IMAGES[:1], 400, axis=0)
    flipped = augmented({"flip": 1.0}, images)
    together = augmented({"flip": 1.0, "invert": 0.5}, images)
    is_flipped = (flipped != images).any(axis=(1, 2, 3))
    is_inverted = np.abs(together.mean(axis=(1, 2, 3)) - images[0].mean()) > 1
    assert 0.4 < is_inverted[is_flipped].mean() < 0.6


def test_any_number_of_a_batch_will_do() -> None:
    augment = Augmenter({"noise": 0.1}, 3)
    first, again, next_one = (np.asarray(augment(IMAGES, None, 10**9 + i)[0]) for i in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != next_one).any()
