"""Ends a run whose validation loss no longer falls, with the best weights. Imports TensorFlow."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from dashboard.core.training.callbacks.base import Callback
from dashboard.core.training.learner import Learner
from dashboard.core.training.weights import read_weights, write_weights


class EarlyStopping(Callback):
    """Keras' callback of this name, able to go on from a checkpoint.

    Args:
        patience: Epochs without a lower validation loss.
        path: Where the best weights are kept meanwhile.
    """

    def __init__(self, patience: int, path: Path) -> None:
        self._patience = patience
        self._path = path
        self._best = math.inf
        self._waited = 0

    @property
    def over(self) -> bool:
        """Whether patience is at its end."""
        return self._waited >= self._patience

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        """Compare, keep the better weights, and stop when patience is over."""
        loss = figures["val_loss"]
        if loss < self._best:
            self._best, self._waited = loss, 0
            with learner.averaged():  # what was validated
                write_weights(self._path, learner.network)
            return
        self._waited += 1
        if self.over:
            learner.stop_training = True

    def restore_best(self, learner: Learner) -> None:
        """Put the best weights into the network."""
        read_weights(self._path, learner.network)

    def get_state(self) -> Any:
        """Return what `set_state` takes."""
        return [self._best, self._waited]

    def set_state(self, state: Any) -> None:
        """Go on from there."""
        self._best, self._waited = state
