import numpy as np
import pytest

from dashboard.core.models.probabilities import answers, best, probabilities, softmax
from dashboard.core.tasks import Task

TASKS = (Task("digit", ("7", "8", "9")), Task("parity", ("even", "odd")))


def test_softmax_by_hand() -> None:
    logits = np.log(np.array([[1.0, 2.0, 5.0]]))
    np.testing.assert_allclose(softmax(logits), [[1 / 8, 2 / 8, 5 / 8]])


def test_temperature_divides_the_logits() -> None:
    logits = 2 * np.log(np.array([[1.0, 3.0]]))
    np.testing.assert_allclose(softmax(logits, 2.0), [[1 / 4, 3 / 4]])


@pytest.mark.parametrize("logits", [[1e30, 0.0], [-1e30, -2e30]])
def test_large_logits_do_not_overflow(logits: list[float]) -> None:
    np.testing.assert_allclose(softmax(np.float32([logits])), [[1, 0]])


def test_what_is_no_number_stays_none() -> None:
    assert np.isnan(softmax(np.array([[np.nan, 1.0]]))).all()


def test_each_task_has_a_softmax_of_its_own() -> None:
    logits = np.log(np.array([[1.0, 2.0, 5.0, 3.0, 1.0]]))
    found = probabilities(logits, TASKS)
    np.testing.assert_allclose(found, [[1 / 8, 2 / 8, 5 / 8, 3 / 4, 1 / 4]])
    np.testing.assert_array_equal(best(logits, TASKS), [[2, 3]])
    np.testing.assert_array_equal(answers(found, TASKS), [[2, 3]])
    np.testing.assert_allclose(probabilities(2 * logits, TASKS, 2.0), found)


def test_a_class_that_excludes_no_other_has_a_sigmoid() -> None:
    task = (Task("", ("left", "right"), several=True),)
    found = probabilities(np.log(np.array([[3.0, 1 / 3]])), task)
    np.testing.assert_allclose(found, [[3 / 4, 1 / 4]])
    np.testing.assert_array_equal(answers(found, task), [[True, False]])
    np.testing.assert_allclose(probabilities(np.float32([[1e30, -1e30]]), task), [[1, 0]])
