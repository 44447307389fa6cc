"""Ends a run whose validation loss no longer falls, with the best weights. Imports TensorFlow."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.atomic import write_array
from dashboard.core.training.callbacks.base import Callback
from dashboard.core.training.learner import Learner


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

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        """Compare, keep the better weights, and stop when patience is over."""
        loss = figures["val_loss"]
        if loss < self._best:
            self._best, self._waited = loss, 0
            weights = learner.network.get_weights()
            write_array(self._path, np.concatenate([weight.ravel() for weight in weights]))
            return
        self._waited += 1
        if self._waited >= self._patience:
            learner.stop_training = True

    def restore_best(self, learner: Learner) -> None:
        """Put the best weights into the network."""
        flat = np.load(self._path, allow_pickle=False)
        weights = []
        for weight in learner.network.get_weights():
            weights.append(flat[: weight.size].reshape(weight.shape))
            flat = flat[weight.size :]
        learner.network.set_weights(weights)
        self._path.unlink()

    def get_state(self) -> Any:
        """Return what `set_state` takes."""
        return [self._best, self._waited]

    def set_state(self, state: Any) -> None:
        """Go on from there."""
        self._best, self._waited = state
