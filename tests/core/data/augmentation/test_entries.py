"""What the descriptions promise, measured on images where it can be seen."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.core.data.augmentation.applied import augmented


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


def test_a_shift_by_whole_pixels_mirrors_the_border() -> None:
    ramp = np.add.outer(10 * np.arange(8), np.arange(8)).astype(np.float32)
    found = augmented({"pixel_shift": 0.25}, np.repeat(ramp[None, :, :, None], 400, axis=0))
    padded = np.pad(ramp, 2, mode="reflect")
    crops = [padded[y : y + 8, x : x + 8] for y in range(5) for x in range(5)]
    which = [[np.array_equal(image[..., 0], crop) for crop in crops] for image in found]
    assert (np.sum(which, axis=1) == 1).all()
    assert np.any(which, axis=0).all()  # every shift of up to two pixels either way


def test_shrink_leaves_a_black_margin_up_to_its_fraction_of_what_is_left() -> None:
    found = augmented({"shrink": 0.5}, plain(255, n=200, side=32))[..., 0]
    sides = (found[:, 16] / 255).sum(axis=1)
    assert 32 / 1.5 - 1 < sides.min() < 32 / 1.5 + 2
    assert sides.max() > 30
    assert (found[sides < 28][:, 0, 0] == 0).all()


def test_zoom_goes_in_and_out_up_to_its_fraction() -> None:
    bars = plain(0, n=200, side=64)
    bars[:, :, 24:40] = 255  # sixteen columns in the middle
    widths = (augmented({"zoom": 0.5}, bars)[:, 32, :, 0] / 255).sum(axis=1)
    assert 16 / 1.5 - 1 < widths.min() < 16 / 1.5 + 1
    assert 28 < widths.max() < 33  # 16 / 0.5


def test_crop_shows_a_part_from_any_place_and_no_margin() -> None:
    ramp = np.repeat(np.linspace(50, 200, 64, dtype=np.float32)[None, :], 64, axis=0)
    found = augmented({"crop": 0.5}, np.repeat(ramp[None, :, :, None], 200, axis=0))
    first, last = found[:, 0, 0, 0], found[:, 0, -1, 0]
    assert found.min() >= 49.9
    shown = (last - first) / 150  # a linear image stays linear: the ends say what is shown
    assert 0.5 - 1e-3 < shown.min() < 0.53
    assert 0.97 < shown.max() <= 1 + 1e-3
    assert first.min() < 55  # from the left edge …
    assert last.max() > 195  # … to the right one


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


def test_saturation_goes_from_grey_to_pure() -> None:
    colour = np.full((400, 4, 4, 3), (200, 150, 100), np.float32)  # HSV saturation 0.5
    found = augmented({"saturation": 1.0}, colour)[:, 0, 0]
    saturation = 1 - found.min(axis=1) / found.max(axis=1)
    np.testing.assert_allclose(found.max(axis=1), 200, rtol=1e-4)  # its lightness stays
    assert saturation.min() < 0.03
    assert saturation.max() > 0.97
    little = augmented({"saturation": 0.1}, colour)[:, 0, 0]
    ratio = (1 - little.min(axis=1) / little.max(axis=1)) / 0.5
    assert 0.45 / 0.55 - 1e-3 < ratio.min() < 0.84
    assert 1.19 < ratio.max() < 0.55 / 0.45 + 1e-3


def test_hue_turns_the_circle_both_ways() -> None:
    red = np.full((400, 4, 4, 3), (200, 0, 0), np.float32)
    found = augmented({"hue": 1 / 3}, red)[:, 0, 0].round().astype(np.uint8)
    hues = [Image.fromarray(pixel[None, None]).convert("HSV").getpixel((0, 0)) for pixel in found]
    turned = np.array([(hue + 128) % 256 - 128 for hue, _, _ in hues]) / 256
    assert -1 / 6 - 0.01 < turned.min() < -0.15  # a third of half the circle
    assert 0.15 < turned.max() < 1 / 6 + 0.01


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


def test_salt_and_pepper_hit_their_share_of_the_pixels_half_each() -> None:
    grey = np.full((16, 64, 64, 3), 100, np.float32)
    found = augmented({"salt_pepper": 0.2}, grey)
    assert set(np.unique(found)) == {0, 100, 255}
    assert (found == found[..., :1]).all()  # all channels of a pixel
    for value in (0, 255):
        assert abs((found == value).mean() - 0.1) < 0.005


def test_cutout_hides_a_square_that_may_reach_over_the_edge() -> None:
    images = np.random.default_rng(0).integers(0, 256, (300, 32, 40, 3)).astype(np.float32)
    found = augmented({"cutout": 0.5}, images)
    hidden = (found != images).any(axis=-1)
    areas = hidden.sum(axis=(1, 2))
    assert areas.max() == 16 * 16  # half of the shorter side
    assert areas.min() >= 8 * 8  # a corner of it at least
    assert (areas == 256).mean() == pytest.approx(17 / 32 * 25 / 40, abs=0.09)
    index = int(areas.argmax())
    mean = images[index].mean(axis=(0, 1))
    np.testing.assert_allclose(found[index][hidden[index]], np.tile(mean, (256, 1)), rtol=1e-4)


def test_random_erasing_covers_a_rectangle_in_its_share_of_the_images() -> None:
    found = augmented({"erasing": 0.5}, plain(100, n=400, side=40))
    areas = (found != 100).any(axis=-1).mean(axis=(1, 2))
    assert abs((areas > 0).mean() - 0.5) < 0.08
    assert areas[areas > 0].min() > 0.01
    assert areas.max() < 0.36


def test_rand_augment_does_two_things_of_many_to_each_image() -> None:
    images = np.random.default_rng(0).integers(60, 180, (1, 24, 24, 3)).astype(np.float32)
    found = augmented({"rand_augment": 1.0}, np.repeat(images, 400, axis=0))
    same = (np.abs(found - images) < 1e-3).all(axis=(1, 2, 3)).mean()
    assert same < 0.03  # nothing twice: 1 / 169
    margin = (found == 0).all(axis=-1).mean(axis=(1, 2)) > 0.02
    # Five of thirteen operations leave a margin: 62 % of two, but some are slim or not black.
    assert 0.4 < margin.mean() < 0.66
