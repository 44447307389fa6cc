"""The rate that a range test suggests, for curves made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.core.training.range_test import range_test
from dashboard.core.training.schedules import rates

N = 400


def curve(values: np.ndarray) -> list[tuple[int, float]]:
    return [(step, float(value)) for step, value in enumerate(values, 1)]


def falling(rate: np.ndarray, fastest: float, highest: float = 1e9) -> np.ndarray:
    """From ln 10, fastest at a rate, and up again with the square of it beyond another."""
    places = np.log10(rate / fastest)
    return np.log(10) - 1.5 / (1 + np.exp(-4 * places)) + (rate / highest) ** 2


@pytest.mark.parametrize("fastest", [1e-3, 2e-2])
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_the_steepest_fall_is_found(fastest: float, noise: float) -> None:
    rate = rates("range_test", 1.0, 0, N)
    losses = falling(rate, fastest) + noise * np.random.default_rng(0).normal(size=N)
    found = range_test(curve(rate), curve(losses))
    assert found is not None
    assert found.suggested == pytest.approx(fastest, rel=0.05 if not noise else 0.6)


def test_where_it_rises_again_is_too_much() -> None:
    rate = rates("range_test", 10.0, 0, N)
    losses = falling(rate, 1e-3, highest=1.0)
    found = range_test(curve(rate), curve(losses))
    assert found is not None
    assert found.suggested == pytest.approx(1e-3, rel=0.05)
    assert found.highest == pytest.approx(rate[losses.argmin()], rel=0.3)
    assert found.losses.max() == pytest.approx(losses.max())
    assert found.smoothed.max() == pytest.approx(1.5 * np.log(10), rel=0.01)  # cut off there


def test_a_loss_that_still_falls_at_the_end_has_no_highest_rate() -> None:
    rate = rates("range_test", 1e-2, 0, N)
    found = range_test(curve(rate), curve(falling(rate, 1e-3)))
    assert found is not None
    assert found.highest is None


@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_a_loss_that_never_falls_suggests_nothing(slope: float) -> None:
    rate = rates("range_test", 1.0, 0, N)
    losses = 2.3 + slope * rate + 0.02 * np.random.default_rng(0).normal(size=N)
    found = range_test(curve(rate), curve(losses))
    assert found is not None
    assert found.suggested is None


def test_the_mean_is_over_a_twentieth_of_the_points() -> None:
    rate = 10.0 ** np.arange(-10, 0)
    losses = np.array([9.0, 3, 6, 0, 0, 0, 0, 3, 0, 0])
    found = range_test(curve(rate), curve(losses))
    assert found is not None
    np.testing.assert_allclose(found.smoothed, [6, 6, 3, 2, 0, 0, 1, 1, 1, 0])
    # Slopes per power of ten: 0, −1.5, −2, −1.5, … up to the first minimum.
    assert found.suggested == pytest.approx(1e-8)


def test_a_warm_up_before_it_is_left_out() -> None:
    rate = rates("range_test", 1.0, 0.1, N)
    losses = falling(rate, 1e-3)
    losses[:40] = np.linspace(9, 1, 40)
    found = range_test(curve(rate), curve(losses))
    assert found is not None
    assert len(found.rates) == 360
    assert found.suggested == pytest.approx(1e-3, rel=0.05)


def test_too_little_of_it_is_none() -> None:
    assert range_test([], []) is None
    assert range_test(curve(np.full(9, 0.1)), curve(np.ones(9))) is None
    assert range_test(curve(np.full(50, 0.1)), [(99, 1.0)]) is None
