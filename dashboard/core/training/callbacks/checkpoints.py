"""Writes checkpoints now and then, and when the run is to pause. Imports TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import keras

from dashboard.core.training.checkpoint import save_checkpoint
from dashboard.core.training.observer import Halted, Observer

INTERVAL_S = 15.0
"""Between two checkpoints: as much work is lost at most when the process is killed."""

_SHARE = 20  # times the duration of the last write: no more than 5 % of the time goes into them


class Remembers(Protocol):
    """A callback whose state belongs to a checkpoint."""

    def get_state(self) -> Any:
        """Return what `set_state` takes, as JSON takes it."""

    def set_state(self, state: Any) -> None:
        """Go on from there."""


class Checkpoints(keras.callbacks.Callback):
    """Saves every 15 s and after the validation of an epoch, at most 5 % of the time.

    Asked to pause, it saves and raises `Halted`.

    Args:
        observer: Whom to ask.
        folder: Gets the files.
        step: Batches trained before.
        remembering: Name → callback whose state is saved too.
    """

    def __init__(
        self, observer: Observer, folder: Path, step: int, remembering: Mapping[str, Remembers]
    ) -> None:
        super().__init__()
        self._observer = observer
        self._folder = folder
        self._step = step
        self._remembering = remembering
        self._saved_at = time.monotonic()
        self._took = 0.0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save if it is time or asked for; not right before a validation, which would be missed."""
        self._step += 1
        if batch + 1 == self.params["steps"]:
            return
        if time.monotonic() - self._saved_at > max(INTERVAL_S, _SHARE * self._took):
            self._save()
        self._halt_if_asked()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save unless the last one took long and is fresh."""
        if time.monotonic() - self._saved_at > _SHARE * self._took:
            self._save()
        self._halt_if_asked()

    def _halt_if_asked(self) -> None:
        request = self._observer.request()
        if request in ("pause", "interrupt"):
            self._save()
            raise Halted(request)

    def _save(self) -> None:
        """Write the position now."""
        start = time.monotonic()
        state = {name: callback.get_state() for name, callback in self._remembering.items()}
        save_checkpoint(self._folder, self.model, self._step, state)
        self._saved_at = time.monotonic()
        self._took = self._saved_at - start
