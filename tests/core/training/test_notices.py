from __future__ import annotations

import math

import numpy as np
import pytest

from dashboard.core.tasks import Task
from dashboard.core.training.notices import notices

TASKS = (Task("", ("ant", "bee", "cat")),)
CHANCE = math.log(3)
GOOD = np.diag([5, 5, 5])


def curve(values: list[float], every: int = 1) -> list[tuple[int, float]]:
    return [((place + 1) * every, value) for place, value in enumerate(values)]


def falling(n: int, start: float = 1.0, end: float = 0.1) -> list[float]:
    return np.linspace(start, end, n).tolist()


def codes(loss, val_loss, confusion=GOOD) -> list[str]:
    return [note.code for note in notices(curve(loss), curve(val_loss, 20), confusion, TASKS)]


def test_a_healthy_run_needs_no_words():
    assert codes(falling(200), falling(10, 0.9, 0.3)) == []
    assert codes([], [], None) == []
    assert codes([5.0] * 10, []) == []  # too early to say


@pytest.mark.parametrize("level", [3 * CHANCE, CHANCE])
def test_a_loss_at_or_above_chance(level):
    found = notices(curve([level] * 150), [], None, TASKS)
    assert [note.code for note in found] == ["rate"]
    assert found[0].values["chance"] == "1.10"


def test_over_fitting_names_its_epoch():
    val_loss = [0.9, 0.6, 0.5, 0.55, 0.6, 0.7]
    found = notices(curve(falling(120)), curve(val_loss, 20), GOOD, TASKS)
    assert [(note.code, note.values) for note in found] == [("over_fitting", {"epoch": 3})]


def test_a_rise_of_one_percent_is_no_over_fitting():
    assert "over_fitting" not in codes(falling(120), [0.9, 0.6, 0.5, 0.505, 0.503, 0.504])


def test_a_loss_of_nothing_cannot_get_better():
    assert codes(falling(200), [0.006, 9e-5, 1e-8, *[0.0] * 9]) == []
    assert codes(falling(200), [0.006, 9e-5, 1e-8, 2e-8, 4e-8, 8e-8, 9e-8, 9e-8]) == []


def test_a_plateau():
    assert codes([0.5] * 200, [0.9, 0.5, *[0.5] * 5]) == ["plateau"]
    assert codes([0.5] * 200, [0.9, 0.6, 0.58, 0.55, 0.52, 0.5, 0.48]) == []


def test_a_class_that_is_never_predicted():
    confusion = np.array([[5, 0, 0], [3, 0, 2], [0, 0, 5]])
    found = notices(curve(falling(60)), curve(falling(3), 20), confusion, TASKS)
    assert [(note.code, note.values) for note in found] == [("never_predicted", {"names": "bee"})]
    assert codes(falling(60), [0.5], confusion) == []  # after one epoch that is normal
