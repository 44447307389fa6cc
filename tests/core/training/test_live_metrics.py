from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from dashboard.core.errors import InvalidInput
from dashboard.core.training.callbacks.live_metrics import LiveMetrics
from dashboard.core.training.callbacks.stop_on_nan import StopOnNaN


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


def fitted(
    notes: Notes, epochs: int = 2, optimizer: str | keras.Optimizer = "sgd"
) -> keras.callbacks.History:
    """Fit one weight on ten numbers, in batches of four, four and two."""
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    model.compile(optimizer, "mse", jit_compile=False)
    x = np.arange(10, dtype=np.float32)[:, None]
    return model.fit(
        x, np.zeros_like(x), batch_size=4, epochs=epochs, shuffle=False, verbose=0,
        validation_data=(x, x), callbacks=[StopOnNaN(), LiveMetrics(notes, 10, 4)],
    )  # fmt: skip


def test_the_batchs_own_value_by_hand() -> None:
    # Losses 3, 1, 8 of batches of 4, 4 and 2 images: means 3, (12+4)/8 = 2, (12+4+16)/10 = 3.2.
    notes = Notes()
    live = LiveMetrics(notes, n_images=10, batch_size=4)
    live.set_model(keras.Sequential())
    for epoch in range(2):
        live.on_epoch_begin(epoch)
        for batch, (loss, accuracy) in enumerate([(3.0, 0.5), (2.0, 0.75), (3.2, 0.8)]):
            live.on_train_batch_end(batch, {"loss": loss, "accuracy": accuracy})
    losses, accuracies = notes.curve("loss"), notes.curve("accuracy")
    assert [step for step, _ in losses] == [1, 2, 3, 4, 5, 6]
    assert [value for _, value in losses] == pytest.approx([3, 1, 8] * 2)
    assert [value for _, value in accuracies] == pytest.approx([0.5, 1, 1] * 2)
    assert all(speed > 0 for _, speed in notes.curve("images_per_second"))


def test_in_a_real_fit_it_is_the_batchs_own_value() -> None:
    # The weight stays 1 at learning rate 0, so a batch's loss is the mean of its squares.
    notes = Notes()
    fitted(notes, optimizer=keras.optimizers.SGD(0.0))
    squares = np.arange(10.0) ** 2
    expected = [squares[:4].mean(), squares[4:8].mean(), squares[8:].mean()] * 2
    assert [value for _, value in notes.curve("loss")] == pytest.approx(expected, rel=1e-5)


def test_validation_and_learning_rate_come_at_the_end_of_an_epoch() -> None:
    notes = Notes()
    rate = keras.optimizers.schedules.CosineDecay(0.001, 6)  # over six steps: half-way at three
    fitted(notes, optimizer=keras.optimizers.SGD(rate))
    assert [step for step, _ in notes.curve("val_loss")] == [3, 6]
    assert notes.curve("epoch") == [(3, 1), (6, 2)]
    assert [value for _, value in notes.curve("learning_rate")] == pytest.approx([0.0005, 0])


def test_a_stop_ends_after_the_batch() -> None:
    notes = Notes(stop_at=2)
    fitted(notes, epochs=50)
    assert [step for step, _ in notes.curve("loss")] == [1, 2]
    assert len(notes.curve("val_loss")) == 1  # what was learned is validated


def test_a_loss_that_is_no_number_ends_the_run_and_is_not_reported() -> None:
    notes = Notes()
    with pytest.raises(InvalidInput, match="stopped being a number at batch") as caught:
        fitted(notes, epochs=50, optimizer=keras.optimizers.SGD(1.0))
    assert caught.value.code == "loss_not_finite"
    assert np.isfinite([value for _, value in notes.curve("loss")]).all()
    assert caught.value.values["step"] > 3  # counted over all epochs


def test_weights_broken_by_the_last_batch_are_noticed() -> None:
    callback = StopOnNaN()
    callback.on_train_batch_end(0, {"loss": 1.0})
    with pytest.raises(InvalidInput, match="at batch 1"):
        callback.on_epoch_end(0, {"loss": 1.0, "val_loss": float("nan")})
