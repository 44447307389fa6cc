"""Halves the learning rate when the validation loss stays where it is. Imports TensorFlow."""

from __future__ import annotations

import math
from typing import Any

from dashboard.core.training.callbacks.base import Callback
from dashboard.core.training.learner import Learner

PATIENCE, FACTOR = 3, 0.5


class Plateau(Callback):
    """Keras' `ReduceLROnPlateau`, able to go on from a checkpoint.

    The rate itself is a variable of the optimiser, which a checkpoint has anyway.
    """

    def __init__(self) -> None:
        self._best = math.inf
        self._waited = 0

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        """Compare, and lower the rate after three epochs without a lower loss."""
        loss = figures["val_loss"]
        if loss < self._best:
            self._best, self._waited = loss, 0
            return
        self._waited += 1
        if self._waited >= PATIENCE:
            self._waited = 0
            rate = learner.optimizer.learning_rate
            rate.assign(rate * FACTOR)

    def get_state(self) -> Any:
        """Return what `set_state` takes."""
        return [self._best, self._waited]

    def set_state(self, state: Any) -> None:
        """Go on from there."""
        self._best, self._waited = state
