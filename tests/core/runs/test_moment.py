"""A run as it was at a batch."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.runs import tracking
from dashboard.core.runs.epochs import report_at
from dashboard.core.runs.history import Curves, cut, recorded
from dashboard.core.runs.moment import moment
from dashboard.core.runs.tracking import Run
from tests.recorded import EPOCHS, PER_EPOCH, VAL_LOSS, confusion, loss, record

IDS, TARGETS = ("a", "b"), np.array([0, 2])
KEYS = ("loss", "val_loss", "images_per_second", "learning_rate")
LAST = EPOCHS * PER_EPOCH


@pytest.fixture
def run(runs_home: Path) -> Run:
    run_id = tracking.create_run("a run", "", {"epochs": EPOCHS, "batch_size": 8}, "RUNNING")
    record(run_id, IDS, TARGETS, 3)
    return tracking.get_run(run_id)


@pytest.fixture
def curves(run: Run) -> Curves:
    return recorded(run.id, KEYS)


def test_in_the_midst_of_an_epoch_the_report_is_that_of_the_one_before(
    run: Run, curves: Curves
) -> None:
    then = moment(run, curves, 37)
    assert then.curves["loss"] == [(step, loss(step)) for step in range(1, 38)]
    assert then.curves["val_loss"] == [(10, 0.9), (20, 0.5), (30, 0.6)]
    assert then.curves["learning_rate"][-1] == (30, 0.003)
    assert (then.report.epoch, then.report.step) == (3, 30)
    assert (then.report.confusion == confusion(3, 3)).all()
    assert (then.progress.epoch, then.progress.step, then.progress.steps) == (4, 37, LAST)
    assert not then.newest


def test_the_end_of_an_epoch_belongs_to_it(run: Run, curves: Curves) -> None:
    then = moment(run, curves, 30)
    assert (then.report.epoch, then.progress.epoch) == (3, 3)
    assert then.curves["val_loss"][-1] == (30, VAL_LOSS[2])
    assert moment(run, curves, 29).report.epoch == 2


def test_before_the_first_report_the_images_are_known_and_nothing_of_them(
    run: Run, curves: Curves
) -> None:
    then = moment(run, curves, 0)
    assert {key: curve for key, curve in then.curves.items() if curve} == {}
    assert (then.report.epoch, then.report.ids) == (0, IDS)
    assert then.report.confusion.shape == (3, 3)
    assert not then.report.confusion.any()
    assert not then.report.probabilities.any()
    assert then.report.heat.shape[:2] == (2, 0)
    assert (then.progress.epoch, then.progress.step) == (1, 0)


@pytest.mark.parametrize("step", [None, LAST, LAST + 5])
def test_at_the_end_it_is_the_whole(run: Run, curves: Curves, step: int | None) -> None:
    now = moment(run, curves, step)
    assert now.curves == curves
    assert now.report.epoch == EPOCHS
    assert (now.step, now.last, now.newest) == (LAST, LAST, True)


def test_time_only_adds(run: Run, curves: Curves) -> None:
    course = [moment(run, curves, step) for step in range(LAST + 1)]
    for before, after in itertools.pairwise(course):
        assert after.step == before.step + 1
        assert after.report.epoch - before.report.epoch in (0, 1)
        for key in KEYS:
            assert after.curves[key][: len(before.curves[key])] == before.curves[key]


def test_a_run_that_has_not_begun(runs_home: Path) -> None:
    run = tracking.get_run(tracking.create_run("a run", "", {}, "SCHEDULED"))
    now = moment(run, {key: [] for key in KEYS})
    assert (now.step, now.report, now.newest) == (0, None, True)
    assert report_at(run.id, 100) is None


@given(st.lists(st.integers(1, 200), unique=True), st.integers(0, 220))
def test_a_cut_splits_a_curve(steps: list[int], at: int) -> None:
    curve = [(step, float(step)) for step in sorted(steps)]
    before = cut(curve, at)
    assert all(step <= at for step, _ in before)
    assert all(step > at for step, _ in curve[len(before) :])
    assert curve[: len(before)] == before
