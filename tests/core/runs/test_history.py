import pytest

from dashboard.core.runs.history import smoothed, thinned
from dashboard.core.runs.progress import progress
from dashboard.core.runs.tracking import Run


def test_thinning_averages_equal_stretches() -> None:
    curve = [(step, float(step)) for step in range(1, 7)]
    assert thinned(curve, 3) == [(2, 1.5), (4, 3.5), (6, 5.5)]
    assert thinned(curve, 10) == curve
    assert thinned([]) == []


def test_smoothing_is_the_corrected_moving_average() -> None:
    # w = 0.5: s_1 = 4; s_2 = (0.25·4 + 0.5·0) / 0.75
    assert smoothed([(1, 4.0), (2, 0.0)], 0.5) == [(1, 4.0), (2, pytest.approx(4 / 3))]
    assert [value for _, value in smoothed([(step, 7.0) for step in range(5)])] == pytest.approx(
        [7.0] * 5
    )


def test_progress_counts_epochs_and_estimates_the_rest() -> None:
    run = Run(
        "a", "a", "RUNNING", 0, None,
        tags={"epochs": "4", "steps_per_epoch": "10"}, params={"batch_size": "8"},
    )  # fmt: skip
    now = progress(run, [(15, 1.0)], [(14, 100.0), (15, 160.0), (16, 40.0)])
    assert (now.epoch, now.epochs, now.step, now.steps) == (2, 4, 15, 40)
    assert now.images_per_second == 100
    assert now.eta_s == pytest.approx(25 * 8 / 100)


def test_progress_is_calm_before_the_first_batch() -> None:
    now = progress(Run("a", "a", "RUNNING", 0, None), [], [])
    assert (now.epoch, now.step, now.steps, now.eta_s) == (0, 0, 0, None)
