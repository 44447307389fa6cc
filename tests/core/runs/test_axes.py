import pytest

from dashboard.core.runs.axes import along, training_clock

CURVE = [(2, 0.5), (4, 0.25)]


def test_the_clock_adds_up_what_batches_take() -> None:
    # 32 images at 16, 64 and 64 a second: 2 s, then half a second each; step 3 was left out
    clock = training_clock([(1, 16.0), (2, 64.0), (4, 64.0)], 32)
    assert clock == [(1, 2.0), (2, 2.5), (4, 3.5)]
    assert training_clock([], 32) == []


def test_a_curve_along_each_axis() -> None:
    clock = [(1, 2.0), (3, 4.0), (4, 4.5)]
    assert along(CURVE, "batch", 2, clock) == ([2, 4], [0.5, 0.25])
    assert along(CURVE, "epoch", 2, clock) == ([1, 2], [0.5, 0.25])
    assert along(CURVE, "seconds", 2, clock) == ([3.0, 4.5], [0.5, 0.25])


@pytest.mark.parametrize("axis", ["epoch", "batch", "seconds"])
def test_a_run_that_has_not_begun(axis) -> None:
    assert along([], axis, 0, []) == ([], [])
