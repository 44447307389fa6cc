from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from dashboard.core.data.augmentation import (
    AUGMENTATIONS,
    Augmentation,
    build_augmentation,
    check_augmentation,
)
from dashboard.core.errors import InvalidInput

IMAGES = np.random.default_rng(0).integers(0, 256, (24, 16, 20, 3)).astype(np.float32)
every = pytest.mark.parametrize("entry", AUGMENTATIONS, ids=lambda entry: entry.id)


def augmented(strengths: dict[str, float], images: np.ndarray, seed: int = 0) -> np.ndarray:
    """What training sees, the images coming in batches of eight."""
    pipeline = keras.layers.Pipeline(build_augmentation(strengths, seed))
    batches = tf.data.Dataset.from_tensor_slices(images).batch(8)
    changed = batches.map(lambda batch: pipeline(batch, training=True))
    return np.concatenate([batch.numpy() for batch in changed])


@every
def test_shape_and_range_stay_the_image_changes_and_a_seed_decides_how(
    entry: Augmentation,
) -> None:
    strengths = {entry.id: entry.maximum}
    found = augmented(strengths, IMAGES, seed=2**31 - 1)
    assert found.shape == IMAGES.shape
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 255
    assert (found != IMAGES).any(axis=(1, 2, 3)).mean() > 0.2
    np.testing.assert_array_equal(found, augmented(strengths, IMAGES, seed=2**31 - 1))


@every
def test_another_seed_changes_otherwise(entry: Augmentation) -> None:
    strengths = {entry.id: entry.maximum / 2}
    first, second = (augmented(strengths, IMAGES[:16], seed=seed) for seed in (0, 20))
    assert (first != second).any()


@every
def test_strength_0_is_not_applied(entry: Augmentation) -> None:
    check_augmentation({entry.id: 0})
    assert build_augmentation({entry.id: 0.0}, 0) == []


@every
def test_every_entry_describes_itself(entry: Augmentation) -> None:
    assert entry.id == entry.id.lower()
    assert entry.label
    assert entry.description.endswith(".")
    assert entry.maximum > 0


@every
def test_a_strength_out_of_range_names_the_range(entry: Augmentation) -> None:
    check_augmentation({entry.id: entry.maximum})
    for strength in (-0.01, entry.maximum + 0.01, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match=rf"“{entry.id}”.*between 0 and {entry.maximum}"):
            check_augmentation({entry.id: strength})


def test_an_unknown_id_names_the_choices() -> None:
    with pytest.raises(InvalidInput, match=r"“blur”.*flip, rotation.*noise"):
        check_augmentation({"flip": 1.0, "blur": 0.5})


def test_several_are_applied_in_the_order_of_the_catalogue() -> None:
    layers = build_augmentation({"invert": 1.0, "shrink": 0.5, "flip": 1.0}, 0)
    names = [type(layer).__name__ for layer in layers]
    assert names == ["RandomFlip", "RandomZoom", "RandomInvert"]
    assert len({entry.id for entry in AUGMENTATIONS}) == len(AUGMENTATIONS)


# What the descriptions promise, measured on images where it can be seen.


def plain(value: float, n: int = 400, side: int = 8) -> np.ndarray:
    return np.full((n, side, side, 1), value, np.float32)


def halves(left: float, right: float) -> np.ndarray:
    images = plain(left)
    images[:, :, 4:] = right
    return images


def line() -> np.ndarray:
    """A horizontal line through the middle, 33×33."""
    images = plain(0, n=200, side=33)
    images[:, 16] = 255
    return images


def test_mirror_swaps_left_and_right_in_half_of_the_images() -> None:
    found = augmented({"flip": 0.1}, halves(0, 200))
    mirrored = found[:, 0, 0, 0] == 200
    np.testing.assert_array_equal(found[mirrored], halves(200, 0)[mirrored])
    np.testing.assert_array_equal(found[~mirrored], halves(0, 200)[~mirrored])
    assert 0.4 < mirrored.mean() < 0.6


def test_rotation_goes_to_either_side_up_to_its_fraction_of_a_turn() -> None:
    y, x = np.mgrid[-16:17, -16:17]
    inside = (x**2 + y**2 <= 16**2).astype(np.float32)  # a corner would bend the measure
    found = augmented({"rotation": 0.1}, line())[..., 0] * inside
    moments = [(found * product).sum(axis=(1, 2)) for product in (x * y, x * x - y * y)]
    turned = np.degrees(np.arctan2(2 * moments[0], moments[1]) / 2)
    assert -37 < turned.min() < -30
    assert 30 < turned.max() < 37


def test_shift_goes_both_ways_up_to_its_fraction_of_the_side() -> None:
    found = augmented({"translation": 0.25}, line())[..., 0]
    moved = (found * np.arange(33)[:, None]).sum(axis=(1, 2)) / found.sum(axis=(1, 2)) - 16
    assert -8.5 < moved.min() < -7
    assert 7 < moved.max() < 8.5


def test_shrink_leaves_a_black_margin_up_to_its_fraction_of_what_is_left() -> None:
    found = augmented({"shrink": 0.5}, plain(255, n=200, side=32))[..., 0]
    sides = (found[:, 16] / 255).sum(axis=1)
    assert 32 / 1.5 - 1 < sides.min() < 32 / 1.5 + 2
    assert sides.max() > 30
    assert (found[sides < 28][:, 0, 0] == 0).all()


def test_shear_slants_to_either_side_up_to_its_fraction_of_the_side() -> None:
    found = augmented({"shear": 0.25}, line().swapaxes(1, 2))[:, 32, :, 0]
    moved = (found * np.arange(33)).sum(axis=1) / found.sum(axis=1) - 16
    assert -8.5 < moved.min() < -7
    assert 7 < moved.max() < 8.5


def test_brightness_goes_both_ways_up_to_its_fraction_of_the_range() -> None:
    found = augmented({"brightness": 0.25}, plain(128))[:, 0, 0, 0] - 128
    assert -0.25 * 255 <= found.min() < -0.23 * 255
    assert 0.23 * 255 < found.max() <= 0.25 * 255


def test_contrast_goes_both_ways_around_1() -> None:
    found = augmented({"contrast": 0.5}, halves(100, 140))
    factors = (found[:, 0, 7, 0] - found[:, 0, 0, 0]) / 40
    assert 0.5 <= factors.min() < 0.53
    assert 1.47 < factors.max() <= 1.5 + 1e-6


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_the_negative_is_made_of_its_share_of_the_images(share: float) -> None:
    found = augmented({"invert": share}, plain(55))[:, 0, 0, 0]
    assert set(found) <= {55, 200}
    assert abs((found == 200).mean() - share) <= 0.06


def test_noise_has_its_standard_deviation_and_stays_a_picture() -> None:
    found = augmented({"noise": 0.1}, plain(128, n=16, side=32))
    assert abs(found.std() / 255 - 0.1) < 0.002
    assert abs(found.mean() - 128) < 1
    for edge in (0, 255):
        assert augmented({"noise": 0.5}, plain(edge, n=8)).min() >= 0
        assert augmented({"noise": 0.5}, plain(edge, n=8)).max() <= 255
