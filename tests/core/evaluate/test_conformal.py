"""Prediction sets: by hand, and their promise over many draws."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.core.evaluate import conformal
from dashboard.core.models.probabilities import prediction_sets, softmax


def test_the_threshold_of_a_hand_computed_example() -> None:
    true = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    found = np.stack([true, 1 - true], axis=1)
    targets = np.zeros(9, int)
    # ⌈10 · 0.8⌉ = 8th smallest of 0.1 … 0.9.
    assert conformal.threshold(found, targets, 0.2) == pytest.approx(0.8)
    assert conformal.threshold(found, targets, 0.1) == pytest.approx(0.9)
    assert conformal.threshold(found, targets, 0.05) is None  # nine images cannot promise that
    assert conformal.threshold(found[:0], targets[:0], 0.2) is None


def test_a_set_has_the_classes_within_the_limit_and_never_none() -> None:
    found = np.array([[0.5, 0.3, 0.2], [0.4, 0.35, 0.25], [0.98, 0.01, 0.01]])
    chosen = prediction_sets(found, 0.7)
    assert chosen.tolist() == [[True, True, False], [True, True, False], [True, False, False]]
    assert prediction_sets(found, 0.01).tolist() == [
        [True, False, False],
        [True, False, False],
        [True, False, False],
    ]


@pytest.mark.parametrize("error", conformal.ERRORS)
@pytest.mark.parametrize("sharpness", [0.3, 1.0, 3.0])
def test_the_promise_is_kept_also_by_a_network_that_is_sure_of_itself(
    error: float, sharpness: float
) -> None:
    """Vovk: over calibration sets of 500 the mean coverage is at least 1 − error."""
    generator = np.random.default_rng(0)
    shares = []
    for _ in range(100):
        logits = generator.normal(0, 2, (1500, 5))
        truth = (
            (generator.random((1500, 1)) > softmax(logits).cumsum(axis=1)).sum(axis=1).clip(0, 4)
        )
        found = softmax(sharpness * logits)
        limit = conformal.threshold(found[:500], truth[:500], error)
        assert limit is not None
        measured = conformal.coverage(found[500:], truth[500:], error, limit, "")
        shares.append(measured.covered.value)
        assert 1 <= measured.size.value <= 5
    assert np.mean(shares) >= 1 - error - 0.004  # five standard errors of 100 · 1000 images
