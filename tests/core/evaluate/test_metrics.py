import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from dashboard.core.evaluate.metrics import confusion, share_with_interval, single_label_metrics
from dashboard.core.tasks import Task


def test_the_wilson_interval_by_hand() -> None:
    # 8 of 10, z = 1.96: centre (0.8 + z²/20) / (1 + z²/10) = 0.7166, half-width 0.2265
    metric = share_with_interval("accuracy", 8, 10, "test")
    assert (metric.value, metric.n) == (0.8, 10)
    assert metric.low == pytest.approx(0.4902, abs=5e-4)
    assert metric.high == pytest.approx(0.9433, abs=5e-4)


def test_a_perfect_score_has_an_interval_too() -> None:
    metric = share_with_interval("accuracy", 20, 20, "test")
    assert metric.low < 1
    assert metric.high == pytest.approx(1)


def test_accuracy_and_macro_f1() -> None:
    targets = np.array([0, 0, 1, 1])
    logits = np.array([[2.0, 0], [0, 2], [0, 2], [0, 2]])
    accuracy, f1 = single_label_metrics(logits, targets, "val")
    assert (accuracy.value, accuracy.split) == (0.75, "val")
    # class 0: precision 1, recall 1/2 → 2/3; class 1: precision 2/3, recall 1 → 4/5
    assert f1.value == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert f1.low <= f1.value <= f1.high


def test_macro_f1_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    logits, targets = generator.normal(size=(40, 6)), generator.integers(0, 4, 40)
    logits[:, 5] = -9  # class 4 is only predicted, class 5 never occurs
    _, f1 = single_label_metrics(logits, targets, "test", resamples=10)
    expected = f1_score(targets, logits.argmax(axis=1), average="macro", zero_division=0)
    assert f1.value == pytest.approx(expected)


def test_the_confusion_matrix_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    logits, targets = generator.normal(size=(40, 4)), generator.integers(0, 3, 40)
    found = confusion([Task("", tuple("abcd"))], logits, targets)
    expected = confusion_matrix(targets, logits.argmax(axis=1), labels=range(4))
    np.testing.assert_array_equal(found, expected)


def test_labels_that_come_together_are_not_confused() -> None:
    several = [Task("", ("a", "b"), several=True)]
    assert confusion(several, np.ones((3, 2)), np.ones((3, 2))) == ()
