"""Calls a network through TensorFlow where its device may run out of memory or get lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np

from dashboard.core.errors import Unavailable
from dashboard.core.images import Note
from dashboard.core.models.once import OnceCache
from dashboard.core.models.outputs import Outputs
from dashboard.core.models.store import StoredModel
from dashboard.core.serving.backends import Backend, OpenVinoBackend, TensorFlowBackend
from dashboard.core.text import mark

RETRY_S = 60.0
"""How long the processor works before the device is tried again."""

logger = logging.getLogger(__name__)


class SparingBackend:
    """Halves a batch once where memory is short, then lets the processor answer for a while.

    Args:
        backend: Answers as long as its device can.
        on_cpu: Makes the one that answers meanwhile.
    """

    def __init__(self, backend: Backend, on_cpu: Callable[[], Backend]) -> None:
        self._backend, self._make = backend, on_cpu
        self._on_cpu: OnceCache[Backend] = OnceCache(1)
        self._until_s = 0.0
        self.n_bytes = backend.n_bytes

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is to be said of an answer given just now."""
        if time.monotonic() >= self._until_s:
            return ()
        template = mark("The graphics processor has no room just now, so another one answered.")
        return (Note("on_cpu", template, {}),)

    def outputs(self, batch: np.ndarray) -> Outputs:
        """Return what the model makes of a uint8 (n, h, w, c) batch in [0, 255].

        Raises:
            Unavailable: The processor has no memory for it either (`out_of_memory`).
        """
        if time.monotonic() >= self._until_s:
            for part in (len(batch), (len(batch) + 1) // 2):
                try:
                    return _in_parts(self._backend, batch, part)
                except _device_errors() as error:
                    logger.warning("The device failed with %s images: %s", part, error)
            self._until_s = time.monotonic() + RETRY_S
        try:
            return self._on_cpu.get("cpu", self._make).outputs(batch)
        except _device_errors() as error:
            raise Unavailable(
                "There is not enough memory for this picture just now. Try a smaller one.",
                code="out_of_memory",
            ) from error


def cpu_backend(stored: StoredModel) -> Backend:
    """Return what answers for a model without a GPU."""
    if stored.has_valid_export():
        return OpenVinoBackend(stored.folder)
    return TensorFlowBackend(stored.folder, on_cpu=True)


def _in_parts(backend: Backend, batch: np.ndarray, n: int) -> Outputs:
    if n == len(batch):
        return backend.outputs(batch)
    found = [backend.outputs(batch[i : i + n]) for i in range(0, len(batch), n)]
    logits, features = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Outputs(logits, features)


def _device_errors() -> tuple[type[Exception], ...]:
    """What TensorFlow raises without memory, and where the GPU no longer answers."""
    import tensorflow as tf

    return tf.errors.ResourceExhaustedError, tf.errors.InternalError, tf.errors.UnknownError
