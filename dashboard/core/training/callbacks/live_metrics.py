"""Reports every batch and every epoch to an observer. Imports TensorFlow."""

from __future__ import annotations

import time
from typing import Any

import keras

from dashboard.core.training.memory import memory_mb
from dashboard.core.training.observer import Observer

_MEMORY_EVERY_S = 1.0


class LiveMetrics(keras.callbacks.Callback):
    """Reports loss and accuracy by batch, validation by epoch; stops when asked to.

    Keras hands callbacks the running mean over the epoch, which hides what the last batch did.
    With `m_k` the mean after `k` images, the batch from image `j` to `k` had
    `(m_k · k − m_j · j) / (k − j)`.

    Args:
        observer: Who wants to know.
        n_images: Training images per epoch, to weigh a smaller last batch.
        batch_size: Images in the other batches.
        step: Batches trained before.
    """

    def __init__(self, observer: Observer, n_images: int, batch_size: int, step: int = 0) -> None:
        super().__init__()
        self._observer = observer
        self._n_images = n_images
        self._batch_size = batch_size
        self._step = step
        self._left = n_images
        self._seen = 0
        self._means: dict[str, float] = {}
        self._tick = 0.0
        self._memory_due = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the epoch's means anew."""
        done = self._step % -(-self._n_images // self._batch_size) * self._batch_size
        self._left = self._n_images - done
        self._seen = 0
        self._means = {}
        self._tick = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Report the batch's own loss, accuracy and speed, and now and then the memory."""
        logs = logs or {}
        self._step += 1
        seen = min(self._seen + self._batch_size, self._left)
        now = time.monotonic()
        values = {
            key: (mean * seen - self._means.get(key, 0.0) * self._seen) / (seen - self._seen)
            for key, mean in logs.items()
            if key != "gradient_norm"  # that is the batch's own already
        }
        if "gradient_norm" in logs:
            values["gradient_norm"] = logs["gradient_norm"]
        values["images_per_second"] = (seen - self._seen) / max(now - self._tick, 1e-9)
        if now >= self._memory_due:
            values |= memory_mb()
            self._memory_due = now + _MEMORY_EVERY_S
        self._means, self._seen, self._tick = dict(logs), seen, now
        self._observer.metrics(self._step, values)
        if self._observer.request() == "stop":
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Report the validation."""
        logs = logs or {}
        values = {key: value for key, value in logs.items() if key.startswith("val_")}
        values["learning_rate"] = float(keras.ops.convert_to_numpy(self._learning_rate()))
        self._observer.metrics(self._step, {**values, "epoch": epoch + 1})

    def _learning_rate(self) -> Any:
        return self.model.optimizer.learning_rate
