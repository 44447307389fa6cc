"""Ends a run whose validation loss no longer falls, with the best weights. Imports TensorFlow."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dashboard.core.atomic import write_array


class EarlyStopping(keras.callbacks.Callback):
    """Keras' callback of this name, able to go on from a checkpoint.

    Args:
        patience: Epochs without a lower validation loss.
        path: Where the best weights are kept meanwhile.
    """

    def __init__(self, patience: int, path: Path) -> None:
        super().__init__()
        self._patience = patience
        self._path = path
        self._best = math.inf
        self._waited = 0

    @property
    def over(self) -> bool:
        """Whether patience is at its end."""
        return self._waited >= self._patience

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Compare, keep the better weights, and stop when patience is over."""
        loss = (logs or {})["val_loss"]
        if loss < self._best:
            self._best, self._waited = loss, 0
            write_array(self._path, np.concatenate([w.ravel() for w in self.model.get_weights()]))
            return
        self._waited += 1
        if self.over:
            self.model.stop_training = True

    def restore_best(self, model: keras.Model) -> None:
        """Put the best weights into `model`, which was trained."""
        flat = np.load(self._path, allow_pickle=False)
        weights = []
        for weight in model.get_weights():
            weights.append(flat[: weight.size].reshape(weight.shape))
            flat = flat[weight.size :]
        model.set_weights(weights)

    def get_state(self) -> Any:
        """Return what `set_state` takes."""
        return [self._best, self._waited]

    def set_state(self, state: Any) -> None:
        """Go on from there."""
        self._best, self._waited = state
