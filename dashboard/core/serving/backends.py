"""The two ways to get logits out of a published model.

OpenVINO answers 0.3 s after a start and faster on a CPU; TensorFlow is needed on a GPU, for
gradients, and for the few models that cannot be exported. It is imported only then (5–12 s).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dashboard.core.errors import LightboxError
from dashboard.core.explain.base import ExplainableModel
from dashboard.core.models.card import Card
from dashboard.core.models.export import MAX_ABS_DP
from dashboard.core.models.once import OnceCache
from dashboard.core.models.outputs import Outputs
from dashboard.core.models.probabilities import probabilities, sigmoid, softmax
from dashboard.core.models.probe import probe_images
from dashboard.core.models.runtime import FAST, compiled, read
from dashboard.core.models.store import EXPORT_FOLDER, MODEL_FILE, StoredModel
from dashboard.core.serving.company import company
from dashboard.core.serving.mixed import in_mixed_precision
from dashboard.core.settings import settings

PARALLEL = 2
"""Images that are answered at the same time; if there is more than one, each by a share of the
cores."""

MAX_FAST_DP = 0.1
"""As `MAX_ABS_DP`, in bfloat16, where 0.03 was measured: it still tells damage from rounding."""

logger = logging.getLogger(__name__)


class Backend(Protocol):
    """Turns image batches into logits and features; safe to use from several threads.

    Attributes:
        n_bytes: How large the file of its weights is.
    """

    n_bytes: int

    def outputs(self, batch: np.ndarray) -> Outputs:
        """Return what the model makes of a uint8 (n, h, w, c) batch in [0, 255]."""


class OpenVinoBackend:
    """Serves the exported form in `folder`, in single precision.

    Args:
        folder: Folder of the published model.
        fast: In bfloat16 instead, where the processor can.
    """

    def __init__(self, folder: Path, fast: bool = False) -> None:
        self._path = os.fspath(folder / EXPORT_FOLDER / "model.xml")
        self._options = FAST if fast else {}
        self.n_bytes = (folder / EXPORT_FOLDER / "model.bin").stat().st_size
        self._one = self._read_for_one()
        # Bound to cores, its threads would wait for those beside other work while others are free.
        self._alone = _Requests(compiled(self._one, ENABLE_CPU_PINNING="NO", **self._options))
        self._others: OnceCache[_Requests] = OnceCache(2)

    def outputs(self, batch: np.ndarray) -> Outputs:
        """Return what the model makes of a uint8 (n, h, w, c) batch in [0, 255]."""
        if len(batch) > 1:
            return self._others.get("any size", self._compile_batches).infer(batch)
        if company.alone:
            return self._alone.infer(batch)
        return self._others.get("a share", self._compile_shares).infer(batch)

    def _read_for_one(self) -> Any:
        """Read it for one image: with the size of the batch known it takes 0.8 of the time."""
        model = read(self._path)
        shape = model.input(0).partial_shape
        shape[0] = 1
        model.reshape(shape)
        return model

    def _compile_shares(self) -> _Requests:
        """Compile it so that each of those who ask at once gets its share of the cores.

        All cores for each in turn would make them wait for one another: of MobileNetV2 on two
        cores, four clients got 130 answers a second instead of 164. Who is alone has all cores,
        and the network's answer in 1.9 instead of 3.4 ms.
        """
        return _Requests(compiled(self._one, NUM_STREAMS=str(PARALLEL), **self._options))

    def _compile_batches(self) -> _Requests:
        return _Requests(compiled(read(self._path), **self._options))


class _Requests:
    """A compiled model with a request for each thread: two in one would be "busy"."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._own = threading.local()

    def infer(self, batch: np.ndarray) -> Outputs:
        if not hasattr(self._own, "request"):
            self._own.request = self._model.create_infer_request()
        request = self._own.request
        # Written where it is read, in the kind of numbers that is expected there.
        images = request.get_input_tensor()
        images.shape = batch.shape
        images.data[...] = batch
        found = request.infer(share_outputs=True).values()
        # Copies: the request writes into its buffers again.
        both = [np.array(each, np.float32) for each in found]
        return Outputs(both[0], both[-1].reshape(len(batch), -1))


class TensorFlowBackend:
    """Serves `model.keras` itself, and is what explainers work on.

    Args:
        folder: Folder of the published model.
        on_cpu: Leave a GPU alone.
    """

    def __init__(self, folder: Path, on_cpu: bool = False) -> None:
        self._on_cpu = on_cpu
        with self._device():
            self.model = ExplainableModel(_load(folder))
        self.n_bytes = (folder / MODEL_FILE).stat().st_size

    def outputs(self, batch: np.ndarray) -> Outputs:
        """Return what the model makes of a uint8 (n, h, w, c) batch in [0, 255]."""
        with self._device():
            return self.model.function("outputs", self._trace)(batch)

    def _device(self) -> AbstractContextManager[object]:
        return tensorflow().device("/CPU:0") if self._on_cpu else nullcontext()

    def _trace(self) -> Callable[[np.ndarray], Outputs]:
        from dashboard.core.models.features import traced

        network = self.model.network
        exact = traced(network)
        if self._on_cpu or not has_gpu():
            return exact
        images = probe_images(*network.inputs[0].shape[1:])
        for form in (in_mixed_precision, lambda network: network):
            try:
                found = _padded(traced(form(network), xla=True))
                if _same(found(images).logits, exact(images).logits):
                    return found
            except Exception:  # layers that know neither float16 nor XLA raise many kinds
                logger.warning("The network cannot be served in a faster form.", exc_info=True)
        return exact


def choose_backend(stored: StoredModel) -> Backend:
    """Load the model in the way that answers fastest here, and as the Keras form would."""
    if not needs_tensorflow(stored):
        try:
            backend = OpenVinoBackend(stored.folder, settings().fast)
            difference = _difference(backend, stored.card)
            if difference <= (MAX_FAST_DP if settings().fast else MAX_ABS_DP):
                return backend
            logger.error(
                "The export of %s answers otherwise than Keras: a probability differs by %s.",
                stored.card.name,
                difference,
            )
        except Exception:  # a damaged export, or one of another OpenVINO: the Keras file is whole
            logger.exception("OpenVINO cannot read the export of %s", stored.card.name)
    return TensorFlowBackend(stored.folder)


def _difference(backend: Backend, card: Card) -> float:
    """Return how far a probability lies from Keras'; 0 where the card does not tell them."""
    if card.export is None or not card.export.probe:
        return 0.0
    images = probe_images(card.input.height, card.input.width, card.input.channels)
    # One by one, as visitors come: another size of batch would be prepared for nothing.
    received = np.concatenate([backend.outputs(image[np.newaxis]).logits for image in images])
    expected = np.array(card.export.probe)
    difference = probabilities(received, card.tasks) - probabilities(expected, card.tasks)
    return float(np.abs(difference).max())


def _padded(outputs: Callable[[np.ndarray], Outputs]) -> Callable[[np.ndarray], Outputs]:
    """Give it batches of 1, 2, 4, 8 … only: XLA compiles anew for every size it meets."""

    def padded(batch: np.ndarray) -> Outputs:
        n = len(batch)
        room = (1 << (n - 1).bit_length()) - n
        found = outputs(np.pad(batch, [(0, room), (0, 0), (0, 0), (0, 0)]))
        return Outputs(found.logits[:n], found.features[:n])

    return padded


def _same(received: np.ndarray, expected: np.ndarray) -> bool:
    """Whether two logits mean the same, in tasks of both kinds."""
    return all(
        np.abs(kind(received) - kind(expected)).max() <= MAX_ABS_DP for kind in (softmax, sigmoid)
    )


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
