"""The course of a run, and going through it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.core.runs import tracking
from dashboard.core.runs.replay import Play, Timeline, places, timeline, without_pauses
from tests.recorded import EPOCHS, PER_EPOCH, record

COURSE = Timeline(
    places=(0, 2, 4, 6, 8, 10), clock=((0, 0.0), (1, 0.0), (5, 8.0), (6, 20.0), (10, 24.0))
)


@settings(deadline=None)
@given(st.integers(1, 1000), st.integers(1, 5000), st.integers(0, 4999))
def test_places_are_in_order_and_hold_every_epoch(epochs: int, per_epoch: int, less: int) -> None:
    last = epochs * per_epoch - less % per_epoch
    found = places(last, per_epoch)
    assert (found[0], found[-1]) == (0, last)
    assert list(found) == sorted(set(found))
    assert set(range(per_epoch, last, per_epoch)) <= set(found)
    assert len(found) <= max(240, epochs) + 2


def test_a_slider_of_very_many_epochs_stays_usable() -> None:
    assert len(places(1_000_000, 10)) == 1001


def test_places_are_even_within_an_epoch() -> None:
    assert places(6, 3) == (0, 1, 2, 3, 4, 5, 6)
    found = places(4220, 422)
    assert len(found) == 241
    assert set(np.diff(found)) == {17, 18}
    assert places(25, 10)[-2:] == (24, 25)  # stopped in its third epoch


def test_the_clock_stands_still_while_a_run_is_paused() -> None:
    times = [(1, 100.0), (2, 101.0), (3, 4101.0), (4, 4102.5), (5, 4104.0)]
    assert without_pauses(times, 12.0) == [(1, 0.0), (2, 1.0), (3, 1.0), (4, 2.5), (5, 4.0)]
    assert without_pauses(times, None)[-1] == (5, 4004.0)
    assert without_pauses(times, 9999.0)[-1] == (5, 4004.0)
    assert without_pauses([], 3.0) == []


def test_a_clock_that_was_set_back_does_not_run_backwards() -> None:
    assert without_pauses([(1, 50.0), (2, 40.0), (3, 42.0)], None) == [(1, 0), (2, 0), (3, 2)]


def test_time_and_batches() -> None:
    assert COURSE.seconds(3) == 4.0
    assert COURSE.seconds(10) == 24.0
    assert COURSE.step(14.0) == 5.5
    assert COURSE.step(99.0) == 10
    assert [COURSE.place(step) for step in (0, 1.9, 2, 9.99, 10, 11)] == [0, 0, 2, 8, 10, 10]


@pytest.mark.parametrize("duration", [15.0, 60.0, None])
@pytest.mark.parametrize("start", [0, 4])
def test_a_replay_moves_on_to_the_end_and_rests(duration: float | None, start: int) -> None:
    play = Play("run", start, began=1000.0, duration=duration)
    steps = [play.step(COURSE, 1000.0 + passed / 2) for passed in range(200)]
    assert steps[0] == pytest.approx(start, abs=1)
    assert steps == sorted(steps)
    assert steps[-1] == COURSE.last


def test_a_replay_takes_as_long_as_it_is_told() -> None:
    assert Play("run", 0, 0.0, 20.0).step(COURSE, 10.0) == 5
    assert Play("run", 4, 0.0, 20.0).step(COURSE, 10.0) == 9
    assert Play("run", 0, 0.0, None).step(COURSE, 20.0) == 6  # as slow in its midst as it was
    assert Play("run", 5, 0.0, None).step(COURSE, 6.0) == 5.5


def test_the_timeline_of_a_recorded_run(runs_home: Path) -> None:
    run_id = tracking.create_run("a run", "", {}, "RUNNING")
    record(run_id, ("a",), np.array([0]), 2)
    course = timeline(tracking.get_run(run_id), EPOCHS * PER_EPOCH)
    assert course.last == EPOCHS * PER_EPOCH
    assert course.places == tuple(range(EPOCHS * PER_EPOCH + 1))
    assert course.seconds(course.last) == pytest.approx(29.5)  # two batches a second
    assert course.seconds(21) == pytest.approx(10.0)
