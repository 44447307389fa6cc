"""What Optuna decides from the runs alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.core.settings import REPOSITORY
from dashboard.core.sweeps.study import importances, is_behind, next_values
from dashboard.core.sweeps.sweep import Sweep, parse_sweep
from tests.core.sweeps.synthetic import accuracy, trial

RATE = {"low": 1e-4, "high": 1.0, "log": True}


def sweep(method: str, search: dict[str, Any] | None = None, **settings: int) -> Sweep:
    fields = {"epochs": 27, "sweep": {"method": method, "trials": 20, **settings}}
    return parse_sweep({**fields, "search": search or {"learning_rate": RATE}})


def test_a_grid_is_worked_off_in_order() -> None:
    grid = parse_sweep(
        {
            "sweep": {"method": "grid"},
            "search": {"optimizer": ["adam", "sgd"], "batch_size": [16, 32]},
        }
    )
    found = [tuple(next_values(grid, number, []).values()) for number in range(1, 5)]
    assert grid.trials == 4
    assert found == [("adam", 16), ("adam", 32), ("sgd", 16), ("sgd", 32)]


def test_random_values_are_in_range_spread_and_the_same_again() -> None:
    search = {
        "learning_rate": RATE,
        "batch_size": {"low": 16, "high": 64, "step": 16},
        "seed": {"low": 1, "high": 9},
        "optimizer": ["adam", "sgd", "momentum"],
        "label_smoothing": {"low": 0.0, "high": 0.3},
    }
    drawn = [next_values(sweep("random", search), number, []) for number in range(1, 201)]
    assert drawn == [next_values(sweep("random", search), number, []) for number in range(1, 201)]
    assert drawn[:20] != [next_values(sweep("random", search, seed=9), n, []) for n in range(1, 21)]
    rates = np.log10([values["learning_rate"] for values in drawn])
    assert rates.min() >= -4
    assert rates.max() <= 0
    quarters, _ = np.histogram(rates, bins=[-4, -3, -2, -1, 0])
    assert quarters.min() > 30  # of 50 expected in each order of magnitude
    assert {values["batch_size"] for values in drawn} == {16, 32, 48, 64}
    assert {values["seed"] for values in drawn} == set(range(1, 10))
    assert all(isinstance(values["batch_size"], int) for values in drawn)
    assert {values["optimizer"] for values in drawn} == {"adam", "sgd", "momentum"}
    assert all(
        f"{values['learning_rate']:.3g}" == f"{values['learning_rate']:g}" for values in drawn
    )


def test_tpe_goes_where_it_was_good() -> None:
    plan = sweep("tpe")
    trials = []
    for number in range(1, 31):
        values = next_values(plan, number, trials)
        trials.append(trial(number, values, accuracy(float(values["learning_rate"]), 27)))
    away = [abs(np.log10(item.values["learning_rate"]) + 2) for item in trials]
    assert np.median(away[-10:]) < 0.5 < np.median(away[:10])


def curve(rate: float, epochs: int) -> list[float]:
    return [accuracy(rate, epoch) for epoch in range(1, epochs + 1)]


def test_successive_halving_stops_the_bad_ones_and_keeps_the_best() -> None:
    plan = sweep("asha", min_epochs=3, reduction=3)
    rates = [0.5, 0.1, 0.02, 0.01, 0.003, 0.0003, 0.0001, 0.05, 0.008, 0.001, 0.2, 0.009]
    curves: dict[int, list[float]] = {}
    epochs = {}
    for number, rate in enumerate(rates, 1):
        for epoch in range(1, 27):
            curves[number] = curve(rate, epoch)
            if is_behind(plan, number, curves, epoch - 1):
                break
        epochs[rate] = len(curves[number])
    assert epochs[0.01] == 26  # the best of all goes to the end
    assert min(epochs.values()) == 3  # none is judged before
    assert all(epochs[rate] == 3 for rate in (0.003, 0.0003, 0.0001, 0.05, 0.001, 0.2))
    assert set(epochs.values()) <= {3, 9, 26}  # the rungs
    assert sum(epochs.values()) < 0.6 * 26 * len(rates)


def test_a_rung_that_was_passed_is_not_judged_again() -> None:
    plan = sweep("asha", reduction=3)
    curves = {1: curve(0.001, 2), 2: curve(0.01, 2), 3: curve(0.011, 2), 4: curve(0.009, 2)}
    assert is_behind(plan, 1, {1: curves[1]}) is False  # the first has nobody before it
    assert is_behind(plan, 1, curves) is True
    assert is_behind(plan, 1, curves, since=1) is False


def test_the_important_field_stands_out() -> None:
    search = {"learning_rate": RATE, "seed": {"low": 0, "high": 9}, "optimizer": ["adam", "sgd"]}
    plan = sweep("random", search)
    trials = []
    for number in range(1, 21):
        values = next_values(plan, number, [])
        trials.append(trial(number, values, accuracy(float(values["learning_rate"]), 27)))
    found = importances(plan.search, trials)
    assert sum(found.values()) == pytest.approx(1)
    assert next(iter(found)) == "learning_rate"
    assert found["learning_rate"] > 0.5
    failed = [replace(item, accuracy=None) for item in trials[3:]]
    assert importances(plan.search, trials[:3]) == {}  # too few
    assert importances(plan.search, [*trials[:3], *failed]) == {}
    assert importances(plan.search, [replace(item, accuracy=0.5) for item in trials]) == {}


def test_the_libraries_that_web_must_not_have_are_not_brought_in() -> None:
    script = (
        "import sys\n"
        "from tests.core.sweeps.test_study import *\n"
        "test_tpe_goes_where_it_was_good()\n"
        "test_the_important_field_stands_out()\n"
        "test_successive_halving_stops_the_bad_ones_and_keeps_the_best()\n"
        "heavy = {'tensorflow', 'keras', 'openvino', 'sklearn', 'scipy', 'torch'}\n"
        "assert 'optuna' in sys.modules\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, cwd=REPOSITORY)
