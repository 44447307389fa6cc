from __future__ import annotations

from typing import Any

import keras
import numpy as np
import psutil
import pytest
import tensorflow as tf

from dashboard.core.errors import InvalidInput
from dashboard.core.training.callbacks.base import Callback
from dashboard.core.training.callbacks.live_metrics import LiveMetrics
from dashboard.core.training.callbacks.stop_on_nan import StopOnNaN
from dashboard.core.training.fitting import fit_from
from dashboard.core.training.learner import Learner

X = np.arange(10, dtype=np.float32)[:, None]


class Notes:
    """An observer that writes everything down and asks to stop at a step."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.heard: list[tuple[int, dict[str, float]]] = []
        self._stop_at = stop_at

    def stage(self, name: str, done: int = 0, total: int = 0) -> None: ...

    def plan(self, epochs: int, steps_per_epoch: int) -> None: ...

    def note(self, note: Any) -> None: ...

    def metrics(self, step: int, values: dict[str, float]) -> None:
        self.heard.append((step, dict(values)))

    def request(self) -> str:
        return "stop" if self._stop_at and self.heard[-1][0] >= self._stop_at else ""

    def curve(self, key: str) -> list[tuple[int, float]]:
        return [(step, values[key]) for step, values in self.heard if key in values]


class Squares(Callback):
    """Validates: the weight should be 0."""

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        figures["val_loss"] = float(abs(learner.network.get_weights()[0].item()))


def fitted(notes: Notes, epochs: int = 2, rate: object = 0.01) -> Learner:
    """Fit one weight on ten numbers, in batches of four, four and two."""
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    learner = Learner(
        model, keras.optimizers.SGD(rate), keras.losses.mean_squared_error,
        {"accuracy": keras.losses.mean_absolute_error},
    )  # fmt: skip
    batches = tf.data.Dataset.from_tensor_slices((X, np.zeros_like(X))).batch(4).repeat()
    fit_from(
        learner, 0, lambda step: batches.skip(step), 3, epochs,
        [Squares(), StopOnNaN(), LiveMetrics(notes, 10, 4)],
    )  # fmt: skip
    return learner


def test_every_batchs_own_values() -> None:
    # The weight stays 1 at learning rate 0, so a batch's loss is the mean of its squares.
    notes = Notes()
    fitted(notes, rate=0.0)
    squares, numbers = np.arange(10.0) ** 2, np.arange(10.0)
    cuts = [slice(0, 4), slice(4, 8), slice(8, 10)] * 2
    assert [step for step, _ in notes.curve("loss")] == [1, 2, 3, 4, 5, 6]
    losses = [value for _, value in notes.curve("loss")]
    assert losses == pytest.approx([squares[cut].mean() for cut in cuts])
    accuracies = [value for _, value in notes.curve("accuracy")]
    assert accuracies == pytest.approx([numbers[cut].mean() for cut in cuts])
    # d/dw mean((w x)²) = 2 w mean(x²)
    norms = [value for _, value in notes.curve("gradient_norm")]
    assert norms == pytest.approx([2 * squares[cut].mean() for cut in cuts])


def test_images_per_second_by_hand() -> None:
    notes = Notes()
    live = LiveMetrics(notes, n_images=10, batch_size=4)
    learner = Learner(
        keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]), keras.optimizers.SGD(),
        keras.losses.mean_squared_error, {"accuracy": keras.losses.mean_absolute_error},
    )  # fmt: skip
    live.on_batches_end(learner, 2, {"loss": np.ones(2)}, 0.5)  # 8 images
    live.on_batches_end(learner, 3, {"loss": np.ones(1)}, 0.5)  # the last two of the epoch
    live.on_batches_end(learner, 4, {"loss": np.ones(1)}, 0.5)
    told = [(step, round(speed, 6)) for step, speed in notes.curve("images_per_second")]
    assert told == [(2, 16), (3, 4), (4, 8)]


def test_validation_comes_at_the_end_of_an_epoch() -> None:
    notes = Notes()
    fitted(notes)
    assert [step for step, _ in notes.curve("val_loss")] == [3, 6]
    assert notes.curve("epoch") == [(3, 1), (6, 2)]


def test_the_learning_rate_is_that_of_every_batch() -> None:
    notes = Notes()
    fitted(notes, rate=keras.optimizers.schedules.PiecewiseConstantDecay([1, 3], [0.1, 0.2, 0.3]))
    rates = notes.curve("learning_rate")
    assert [step for step, _ in rates] == [1, 2, 3, 4, 5, 6]
    assert [value for _, value in rates] == pytest.approx([0.1, 0.1, 0.2, 0.2, 0.3, 0.3])


def test_the_memory_of_this_process_is_told_with_the_speed() -> None:
    notes = Notes()
    fitted(notes)
    told = notes.curve("memory_mb")
    assert told[0][0] == 1  # from the first batch on
    resident = psutil.Process().memory_info().rss / 2**20
    assert told[0][1] == pytest.approx(resident, rel=0.1)


def test_a_stop_ends_after_the_batches_of_one_call() -> None:
    notes = Notes(stop_at=2)
    fitted(notes, epochs=50)
    assert notes.curve("loss")[-1][0] <= 3
    assert len(notes.curve("val_loss")) == 1  # what was learned is validated


def test_a_loss_that_is_no_number_ends_the_run_and_is_not_reported() -> None:
    notes = Notes()
    with pytest.raises(InvalidInput, match="stopped being a number at batch") as caught:
        fitted(notes, epochs=50, rate=1.0)
    assert caught.value.code == "loss_not_finite"
    assert np.isfinite([value for _, value in notes.curve("loss")]).all()
    assert caught.value.values["step"] > 3  # counted over all epochs


def test_the_batch_that_broke_the_loss_is_named() -> None:
    learner = fitted(Notes(), epochs=1)
    with pytest.raises(InvalidInput, match="at batch 8"):
        StopOnNaN().on_batches_end(learner, 9, {"loss": np.array([1, np.inf, np.nan])}, 0.1)
    with pytest.raises(InvalidInput, match="at batch 9"):  # weights broken by the last batch
        StopOnNaN().on_epoch_end(learner, 0, 9, {"val_loss": float("nan")})


def test_how_many_batches_a_call_takes_changes_no_weight() -> None:
    weights = []
    for sizes in ([6], [1, 2, 3], [1] * 6):
        learner = fitted(Notes(), epochs=1)
        batches = iter(tf.data.Dataset.from_tensor_slices((X, np.sin(X))).batch(4).repeat())
        for size in sizes:
            learner.train(batches, size)
        weights.append(learner.network.get_weights()[0])
    assert np.array_equal(weights[0], weights[1])
    assert np.array_equal(weights[0], weights[2])
