"""Ends a run whose loss is no longer a number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dashboard.core.errors import InvalidInput
from dashboard.core.runs.control import DIVERGED
from dashboard.core.training.callbacks.base import Callback
from dashboard.core.training.learner import Learner


class StopOnNaN(Callback):
    """Raises `InvalidInput` as soon as a loss is NaN or infinite: nothing after it is of use."""

    def on_batches_end(
        self, learner: Learner, step: int, values: Mapping[str, np.ndarray], seconds: float
    ) -> None:
        """Look at the batches' losses."""
        self._check(values["loss"], step)

    def on_epoch_end(
        self, learner: Learner, epoch: int, step: int, figures: dict[str, float]
    ) -> None:
        """Look at the validation, which sees what the last batch did to the weights."""
        self._check(np.array([figures["val_loss"]]), step)

    def _check(self, losses: np.ndarray, step: int) -> None:
        broken = np.flatnonzero(~np.isfinite(losses))
        if len(broken):
            raise InvalidInput(
                "The loss stopped being a number at batch {step}. Lower the learning rate, "
                "for example to a tenth, and start again.",
                code=DIVERGED,
                step=step - len(losses) + 1 + int(broken[0]),
            )
