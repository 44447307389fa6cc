"""The two ways to get logits out of a published model.

OpenVINO answers 0.3 s after a start and faster on a CPU; TensorFlow is needed on a GPU, for
gradients, and for the few models that cannot be exported. It is imported only then (5–12 s).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dashboard.core.errors import LightboxError
from dashboard.core.explain.base import ExplainableModel
from dashboard.core.models.outputs import Outputs
from dashboard.core.models.runtime import compiled
from dashboard.core.models.store import EXPORT_FOLDER, MODEL_FILE, StoredModel

logger = logging.getLogger(__name__)


class Backend(Protocol):
    """Turns image batches into logits and features; safe to use from several threads."""

    def outputs(self, batch: np.ndarray) -> Outputs:
        """Return what the model makes of a uint8 (n, h, w, c) batch in [0, 255]."""


class OpenVinoBackend:
    """Serves the exported form in `folder`, in single precision.

    Args:
        folder: Folder of the published model.
    """

    def __init__(self, folder: Path) -> None:
        path = os.fspath(folder / EXPORT_FOLDER / "model.xml")
        self._compiled = compiled(path)
        self._dtype = self._compiled.input(0).element_type.to_dtype()
        # A request must not be used by two threads at once ("Infer Request is busy").
        self._own = threading.local()

    def outputs(self, batch: np.ndarray) -> Outputs:
        """Return what the model makes of a uint8 (n, h, w, c) batch in [0, 255]."""
        if not hasattr(self._own, "request"):
            self._own.request = self._compiled.create_infer_request()
        found = self._own.request.infer([batch.astype(self._dtype)])
        # Copies: the request writes into its buffers again.
        both = [np.array(found[index], np.float32) for index in range(len(found))]
        return Outputs(both[0], both[-1].reshape(len(batch), -1))


class TensorFlowBackend:
    """Serves `model.keras` itself, and is what explainers work on.

    Args:
        folder: Folder of the published model.
    """

    def __init__(self, folder: Path) -> None:
        self.model = ExplainableModel(_load(folder))

    def outputs(self, batch: np.ndarray) -> Outputs:
        """Return what the model makes of a uint8 (n, h, w, c) batch in [0, 255]."""
        return self.model.function("outputs", self._trace)(batch)

    def _trace(self) -> Callable[..., Any]:
        from dashboard.core.models.features import traced

        return traced(self.model.network)


def choose_backend(stored: StoredModel) -> Backend:
    """Load the model in the way that answers fastest here."""
    if not needs_tensorflow(stored):
        try:
            return OpenVinoBackend(stored.folder)
        except Exception:  # a damaged export, or one of another OpenVINO: the Keras file is whole
            logger.exception("OpenVINO cannot read the export of %s", stored.card.name)
    return TensorFlowBackend(stored.folder)


def needs_tensorflow(stored: StoredModel) -> bool:
    """Whether this model is served through TensorFlow."""
    return has_gpu() or not stored.has_valid_export()


def has_gpu() -> bool:
    """Whether there is an NVIDIA GPU we may use, found out without TensorFlow."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return Path("/dev/nvidia0").exists() and not hidden


def tensorflow() -> Any:
    """Return TensorFlow, set to take a GPU's memory as needed; the first import takes 5–12 s."""
    import tensorflow as tf

    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # already in use, so it was set at the first load
            logger.debug("The GPU is in use already.")
    return tf


def _load(folder: Path) -> Any:
    tensorflow()
    import keras

    try:
        return keras.saving.load_model(folder / MODEL_FILE, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LightboxError(
            "The model in “{folder}” cannot be loaded: its file is damaged or needs code that "
            "Lightbox does not have. Publish it again.",
            code="damaged_model",
            folder=folder.name,
        ) from error
