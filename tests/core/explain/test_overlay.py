import io

import numpy as np
import pytest
from PIL import Image

from dashboard.core.errors import InvalidInput
from dashboard.core.explain.overlay import STOPS, colorize, overlay
from dashboard.core.images import encode_png

GREEN = np.full((4, 6, 3), (20, 200, 60), np.uint8)


def draw(heat: np.ndarray, opacity: float) -> np.ndarray:
    drawn = overlay(encode_png(GREEN), encode_png(heat), opacity)
    return np.asarray(Image.open(io.BytesIO(drawn)))


def test_cold_places_stay_as_they_are() -> None:
    np.testing.assert_array_equal(draw(np.zeros((4, 6, 1), np.uint8), 1.0), GREEN)


def test_the_hottest_place_is_covered_by_the_opacity() -> None:
    heat = np.zeros((4, 6, 1), np.uint8)
    heat[1, 2] = 255
    assert tuple(draw(heat, 1.0)[1, 2]) == STOPS[-1]
    mixed = (np.array(STOPS[-1]) + GREEN[0, 0]) / 2
    np.testing.assert_allclose(draw(heat, 0.5)[1, 2], mixed, atol=1)
    np.testing.assert_array_equal(draw(heat, 0.0), GREEN)


def test_hotter_is_lighter() -> None:
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[np.newaxis])
    lightness = np.asarray(colorize(ramp), float)[0] @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(lightness) > -1).all()
    assert lightness[-1] - lightness[0] > 200


@pytest.mark.parametrize("opacity", [-0.1, 1.1, float("nan")])
def test_opacity_out_of_range(opacity: float) -> None:
    with pytest.raises(InvalidInput, match="from 0 to 1"):
        draw(np.zeros((4, 6, 1), np.uint8), opacity)
