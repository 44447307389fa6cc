"""Ends a run whose loss is no longer a number. Imports TensorFlow."""

from __future__ import annotations

import math

import keras

from dashboard.core.errors import InvalidInput
from dashboard.core.runs.control import DIVERGED


class StopOnNaN(keras.callbacks.Callback):
    """Raises `InvalidInput` as soon as the loss is NaN or infinite: nothing after it is of use."""

    def __init__(self, step: int = 0) -> None:
        super().__init__()
        self._step = step

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Look at the running mean of the loss, which stays NaN once it has been."""
        self._step += 1
        self._check((logs or {}).get("loss", 0.0))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Look at the validation, which sees what the last batch did to the weights."""
        self._check((logs or {}).get("val_loss", 0.0))

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise InvalidInput(
                "The loss stopped being a number at batch {step}. Lower the learning rate, "
                "for example to a tenth, and start again.",
                code=DIVERGED,
                step=self._step,
            )
