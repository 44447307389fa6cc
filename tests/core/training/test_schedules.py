from __future__ import annotations

import numpy as np
import pytest

from dashboard.core.training.schedules import SCHEDULES, rates


@pytest.mark.parametrize("schedule", [entry.id for entry in SCHEDULES])
@pytest.mark.parametrize(("steps", "warmup"), [(1, 0.0), (7, 0.5), (1000, 0.1)])
def test_every_schedule_stays_between_zero_and_the_highest_rate(schedule, steps, warmup):
    found = rates(schedule, 0.3, warmup, steps)
    assert found.shape == (steps,)
    assert found.dtype == np.float32
    assert (found >= 0).all()
    assert found.max() <= np.float32(0.3)


def test_known_values():
    np.testing.assert_allclose(rates("constant", 0.1, 0, 4), [0.1] * 4)
    np.testing.assert_allclose(rates("step", 1, 0, 8), [1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01])
    np.testing.assert_allclose(rates("cosine", 1, 0, 4), [1, 0.853553, 0.5, 0.146447], rtol=1e-5)
    np.testing.assert_allclose(rates("constant", 1, 0.5, 8), [0.25, 0.5, 0.75, 1, 1, 1, 1, 1])
    np.testing.assert_allclose(rates("range_test", 1, 0, 6), 10.0 ** np.arange(-6, 0), rtol=1e-5)
    cycle = rates("one_cycle", 1, 0, 400)
    assert cycle.argmax() == 100
    assert (np.diff(cycle[:100]) > 0).all()
    assert (np.diff(cycle[100:]) < 0).all()


def test_tensorflow_follows_the_table():
    import keras

    from dashboard.core.training.compile import learner_for
    from dashboard.core.training.recipe import parse_recipe

    recipe = parse_recipe({"optimizer": "sgd", "schedule": "cosine", "warmup": 0.25, "epochs": 4})
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    learner = learner_for(recipe, network, 5)
    expected = rates("cosine", recipe.learning_rate, 0.25, 20)
    for step in (0, 4, 5, 13, 19, 25):
        learner.optimizer.iterations.assign(step)
        assert float(learner.optimizer.learning_rate) == pytest.approx(expected[min(step, 19)])
