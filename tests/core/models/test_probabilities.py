import numpy as np
import pytest

from dashboard.core.models.probabilities import softmax


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
