"""Temperature and calibration error against closed forms and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss

from dashboard.core.evaluate.calibration import calibration_error, fit_temperature
from dashboard.core.models.probabilities import probabilities, softmax
from dashboard.core.tasks import Task

ONE = (Task("", ("a", "b", "c")),)


def drawn(n: int, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and classes drawn with the probabilities they have at `temperature`."""
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 3, (n, 3))
    chances = softmax(logits, temperature).cumsum(axis=1)
    return logits, (generator.random((n, 1)) > chances).sum(axis=1).clip(0, 2)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_the_classes_were_drawn_with_is_found(temperature: float) -> None:
    assert fit_temperature(*drawn(20_000, temperature), ONE) == pytest.approx(temperature, rel=0.05)


def test_no_other_temperature_makes_the_targets_more_probable() -> None:
    logits, targets = drawn(5000, 2.0)
    found = fit_temperature(logits, targets, ONE)
    losses = {t: log_loss(targets, softmax(logits, t)) for t in np.linspace(0.5, 5, 451)}
    assert found == pytest.approx(min(losses, key=losses.__getitem__), abs=0.02)


def test_a_few_right_answers_promise_no_certainty() -> None:
    logits = 10 * np.eye(3)
    sure = softmax(logits).max()
    assert sure > 0.9999
    temperature = fit_temperature(logits, np.arange(3), ONE)
    # Three images, and one of all three classes alike: (3 + 1/3) / (3 + 1).
    assert softmax(logits, temperature).max() == pytest.approx(10 / 12, abs=1e-3)


def test_labels_that_do_not_exclude_each_other_are_calibrated_too() -> None:
    generator = np.random.default_rng(1)
    tasks = (Task("", ("x", "y"), several=True),)
    logits = generator.normal(0, 4, (20_000, 2))
    chances = probabilities(logits, tasks, 2.5)
    targets = (generator.random(logits.shape) < chances).astype(np.uint8)
    assert fit_temperature(logits, targets, tasks) == pytest.approx(2.5, rel=0.05)


def test_the_calibration_error_of_a_hand_computed_example() -> None:
    # Two bins: 0.9 is right in 3 of 4, 0.6 in 1 of 2; |0.75 - 0.9| · 4/6 + |0.5 - 0.6| · 2/6.
    tops = np.array([0.9, 0.9, 0.9, 0.9, 0.6, 0.6])
    found = np.stack([tops, (1 - tops) * 0.7, (1 - tops) * 0.3], axis=1)
    metric = calibration_error(found, np.array([0, 0, 0, 1, 0, 2]), ONE)
    assert metric.value == pytest.approx(0.15 * 4 / 6 + 0.1 * 2 / 6)
    assert metric.low <= metric.value <= metric.high
    assert metric.n == 6


def test_what_is_drawn_from_the_probabilities_has_hardly_an_error() -> None:
    logits, targets = drawn(20_000, 1.0)
    assert calibration_error(softmax(logits), targets, ONE).value < 0.01
    assert calibration_error(softmax(logits, 0.3), targets, ONE).value > 0.05
