"""The whole measurement on features and logits of known make."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dashboard.core.evaluate.trust import measure_trust
from dashboard.core.models.outputs import Outputs
from dashboard.core.models.probabilities import softmax
from dashboard.core.models.reference import Reference
from dashboard.core.tasks import Task

TASKS = (Task("", ("a", "b", "c")),)
GENERATOR = np.random.default_rng(0)


def images(n: int, temperature: float = 5.0) -> tuple[Outputs, np.ndarray]:
    """Features near the axis of their class, and logits that are too sure of themselves."""
    classes = GENERATOR.integers(0, 3, n)
    features = 3 * np.eye(8)[classes] + GENERATOR.normal(0, 0.4, (n, 8))
    logits = 4 * features[:, :3]
    truth = (GENERATOR.random((n, 1)) > softmax(logits, temperature).cumsum(axis=1)).sum(axis=1)
    return Outputs(logits, features), truth.clip(0, 2)


@pytest.fixture(scope="module")
def reference() -> Reference:
    kept, labels = images(60)
    unit = kept.features / np.linalg.norm(kept.features, axis=1, keepdims=True)
    pictures = np.zeros((60, 8, 8, 1), np.uint8)
    return Reference(unit.astype(np.float16), labels, pictures, np.zeros(0, np.uint64))


def test_everything_is_measured(reference: Reference) -> None:
    (val, val_truth), (test, test_truth) = images(2000), images(1000)
    foreign = Outputs(np.zeros((100, 3)), GENERATOR.normal(0, 1, (100, 8)))
    temperature, trust = measure_trust(
        TASKS, reference, val, val_truth, test, test_truth, {"noise": foreign}
    )
    assert temperature == pytest.approx(5.0, rel=0.15)
    before, after = trust.calibration
    assert after.value < before.value
    assert [item.error for item in trust.coverage] == [0.01, 0.02, 0.05, 0.1, 0.2]
    for item in trust.coverage:
        assert item.covered.value >= 1 - item.error - 0.03  # three standard errors
        assert item.covered.n == 1000
    sizes = [item.size.value for item in trust.coverage]
    assert sizes == sorted(sizes, reverse=True)  # the stricter the promise, the larger the set
    own, strange = trust.refused
    assert own.value == pytest.approx(0.05, abs=0.03)
    assert strange.value > 0.9
    scores = np.r_[reference.likeness(test.features), reference.likeness(foreign.features)]
    expected = roc_auc_score(np.r_[np.ones(1000), np.zeros(100)], scores)
    assert trust.auroc[0].value == pytest.approx(expected)
    assert trust.auroc[0].low <= expected <= trust.auroc[0].high


def test_each_task_has_its_sets_and_several_labels_have_none(reference: Reference) -> None:
    tasks = (Task("first", ("a", "b")), Task("second", ("x", "y")))
    logits = GENERATOR.normal(0, 2, (300, 4))
    hot = np.tile([1, 0, 0, 1], (300, 1)).astype(np.uint8)
    seen = Outputs(logits, GENERATOR.normal(0, 1, (300, 8)))
    _, trust = measure_trust(tasks, reference, seen, hot, seen, hot, {})
    assert {item.task for item in trust.coverage} == {"first", "second"}
    several = (Task("", ("a", "b", "x", "y"), several=True),)
    _, trust = measure_trust(several, reference, seen, hot, seen, hot, {})
    assert trust.coverage == ()
    assert trust.calibration[1].n == 300


def test_two_validation_images_are_enough_to_go_on_and_promise_nothing(
    reference: Reference,
) -> None:
    (val, val_truth), (test, test_truth) = images(2), images(3)
    _, trust = measure_trust(TASKS, reference, val, val_truth, test, test_truth, {})
    assert trust.coverage == ()
    assert trust.n == 2
