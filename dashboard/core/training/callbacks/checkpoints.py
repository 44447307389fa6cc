"""Writes checkpoints now and then, and when the run is to pause. Imports TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dashboard.core.training.callbacks.base import Callback, Remembers
from dashboard.core.training.checkpoint import save_checkpoint
from dashboard.core.training.learner import Learner
from dashboard.core.training.observer import Halted, Observer

INTERVAL_S = 15.0
"""Between two checkpoints: as much work is lost at most when the process is killed."""

_SHARE = 20  # times the duration of the last write: no more than 5 % of the time goes into them


class Checkpoints(Callback):
    """Saves every 15 s and after the validation of an epoch, at most 5 % of the time.

    Asked to pause, it saves and raises `Halted`.

    Args:
        observer: Whom to ask.
        folder: Gets the files.
        steps_per_epoch: Batches of an epoch.
        remembering: Name → callback whose state is saved too.
    """

    def __init__(
        self,
        observer: Observer,
        folder: Path,
        steps_per_epoch: int,
        remembering: Mapping[str, Remembers],
    ) -> None:
        self._observer = observer
        self._folder = folder
        self._steps_per_epoch = steps_per_epoch
        self._remembering = remembering
        self._saved_at = time.monotonic()
        self._took = 0.0

    def on_batches_end(
        self, learner: Learner, step: int, values: Mapping[str, np.ndarray], seconds: float
    ) -> None:
        """Save if it is time or asked for; not right before a validation, which would be missed."""
        if step % self._steps_per_epoch == 0:
            return
        if time.monotonic() - self._saved_at > max(INTERVAL_S, _SHARE * self._took):
            self._save(learner, step)
        self._halt_if_asked(learner, step)

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        """Save unless the last one took long and is fresh."""
        if time.monotonic() - self._saved_at > _SHARE * self._took:
            self._save(learner, step)
        self._halt_if_asked(learner, step)

    def _halt_if_asked(self, learner: Learner, step: int) -> None:
        request = self._observer.request()
        if request in ("pause", "interrupt"):
            self._save(learner, step)
            raise Halted(request)

    def _save(self, learner: Learner, step: int) -> None:
        """Write the position now."""
        start = time.monotonic()
        state = {name: callback.get_state() for name, callback in self._remembering.items()}
        save_checkpoint(self._folder, learner, step, state)
        self._saved_at = time.monotonic()
        self._took = self._saved_at - start
