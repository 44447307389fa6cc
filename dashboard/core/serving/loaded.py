"""A published model in memory."""

from __future__ import annotations

import numpy as np

from dashboard.core.errors import InvalidInput, LightboxError
from dashboard.core.explain.base import ExplainableModel
from dashboard.core.images import Note
from dashboard.core.models.once import OnceCache
from dashboard.core.models.probabilities import probabilities
from dashboard.core.models.reference import load_reference
from dashboard.core.models.store import StoredModel
from dashboard.core.serving.backends import Backend, TensorFlowBackend, choose_backend
from dashboard.core.serving.batching import Batcher, max_batch
from dashboard.core.serving.sparing import SparingBackend, cpu_backend
from dashboard.core.settings import settings


class LoadedModel:
    """Answers from the fastest backend; its Keras form is loaded when gradients are asked for.

    Args:
        stored: The published model.
    """

    def __init__(self, stored: StoredModel) -> None:
        self.card = stored.card
        self.reference = load_reference(stored.folder)
        self._folder = stored.folder
        self._backend = choose_backend(stored)
        self._sparing = (
            SparingBackend(self._backend, lambda: cpu_backend(stored))
            if self.uses_tensorflow
            else None
        )
        self._batcher = _batcher(self._sparing or self._backend)
        self._keras: OnceCache[TensorFlowBackend] = OnceCache(1)
        self._keras_bytes = 0

    @property
    def uses_tensorflow(self) -> bool:
        """Whether it is served through TensorFlow."""
        return isinstance(self._backend, TensorFlowBackend)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is to be said of the way it answers just now."""
        return self._sparing.notes if self._sparing else ()

    @property
    def n_bytes(self) -> int:
        """How large the files are that its weights in memory come from."""
        return self._backend.n_bytes + self._keras_bytes

    def probabilities(self, batch: np.ndarray) -> np.ndarray:
        """Return float64 (n, classes), after temperature, of uint8 (n, h, w, c)."""
        return self.look(batch)[0]

    def look(self, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return `probabilities`, and the features, float32 (n, d), of uint8 (n, h, w, c)."""
        logits, features = (self._batcher or self._sparing or self._backend).outputs(batch)
        if logits.shape != (len(batch), len(self.card.classes)):
            raise LightboxError(
                "The model “{name}” gives {received} numbers for its {expected} classes. "
                "Publish it again with the right card.",
                code="damaged_card",
                name=self.card.name,
                received=logits.shape[-1],
                expected=len(self.card.classes),
            )
        if not np.isfinite(logits).all():
            raise InvalidInput(
                "The model “{name}” gives no number for this image: its training diverged. "
                "Train it again with a lower learning rate.",
                code="non_finite_output",
                name=self.card.name,
            )
        return probabilities(logits, self.card.tasks, self.card.temperature), features

    def explainable(self) -> ExplainableModel:
        """Return the Keras form; the first call imports TensorFlow (5–12 s)."""
        if isinstance(self._backend, TensorFlowBackend):
            return self._backend.model
        loaded = self._keras.get("keras", lambda: TensorFlowBackend(self._folder))
        self._keras_bytes = loaded.n_bytes
        return loaded.model


def _batcher(backend: Backend) -> Batcher | None:
    if max_batch() == 1:
        return None
    return Batcher(backend.outputs, max_batch(), settings().batch_wait_ms / 1000)
