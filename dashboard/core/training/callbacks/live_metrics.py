"""Reports every batch and every epoch to an observer. Imports TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from dashboard.core.training.callbacks.base import Callback
from dashboard.core.training.learner import Learner
from dashboard.core.training.memory import memory_mb
from dashboard.core.training.observer import Observer

_MEMORY_EVERY_S = 1.0


class LiveMetrics(Callback):
    """Reports the figures by batch, the speed by call, validation by epoch; stops when asked to.

    Args:
        observer: Who wants to know.
        n_images: Training images per epoch, as the last batch may be smaller.
        batch_size: Images in the other batches.
    """

    def __init__(self, observer: Observer, n_images: int, batch_size: int) -> None:
        self._observer = observer
        self._n_images = n_images
        self._batch_size = batch_size
        self._steps = -(-n_images // batch_size)
        self._memory_due = 0.0

    def on_batches_end(
        self, learner: Learner, step: int, values: Mapping[str, np.ndarray], seconds: float
    ) -> None:
        """Report each batch, the speed of all of them, and now and then the memory."""
        columns = {name: column.tolist() for name, column in values.items()}
        n = len(columns["loss"])
        speed = (self._images(step) - self._images(step - n)) / max(seconds, 1e-9)
        for index in range(n):
            row = {name: column[index] for name, column in columns.items()}
            self._observer.metrics(step - n + 1 + index, row)
        self._observer.metrics(step, {"images_per_second": speed})
        if time.monotonic() >= self._memory_due:
            self._observer.metrics(step, memory_mb())
            self._memory_due = time.monotonic() + _MEMORY_EVERY_S
        if self._observer.request() == "stop":
            learner.stop_training = True

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        """Report the validation."""
        self._observer.metrics(step, {**figures, "epoch": epoch + 1})

    def _images(self, step: int) -> int:
        """Count the images of the first `step` batches."""
        epoch, batches = divmod(step, self._steps)
        return epoch * self._n_images + batches * self._batch_size
