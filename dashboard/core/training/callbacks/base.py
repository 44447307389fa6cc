"""What is told of a training, batch by batch and epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from dashboard.core.training.learner import Learner


class Callback:
    """Does nothing; a callback does one thing."""

    def on_batches_end(
        self, learner: Learner, step: int, values: Mapping[str, np.ndarray], seconds: float
    ) -> None:
        """Hear of the batches since the last call.

        Args:
            learner: What is trained.
            step: Batches of the run so far.
            values: Name → one figure for each of the batches.
            seconds: How long they took.
        """

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        """Hear of the end of an epoch, or of the run in the midst of one.

        Args:
            learner: What is trained.
            epoch: From 0.
            step: Batches of the run so far.
            figures: Of the epoch; a callback may add some for those after it.
        """


class Remembers(Protocol):
    """A callback whose state belongs to a checkpoint."""

    def get_state(self) -> Any:
        """Return what `set_state` takes, as JSON takes it."""

    def set_state(self, state: Any) -> None:
        """Go on from there."""
