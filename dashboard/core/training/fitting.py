"""Training from any batch on. Imports TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import tensorflow as tf

from dashboard.core.training.callbacks.base import Callback
from dashboard.core.training.learner import Learner

_CALL_S = 0.2
"""Longest call of the learner: charts and requests wait no longer."""


def fit_from(
    learner: Learner,
    step: int,
    batches: Callable[[int], tf.data.Dataset],
    steps_per_epoch: int,
    epochs: int,
    callbacks: Sequence[Callback],
) -> None:
    """Train from batch `step` to the end of the last epoch.

    How many batches a call takes follows the clock; what they do to the weights does not.

    Args:
        learner: As it was after `step` batches.
        step: Batches trained before.
        batches: `step → all batches from there on`.
        steps_per_epoch: Batches of an epoch.
        epochs: Of the whole run.
        callbacks: Told in their order.
    """
    left = learner.shared(batches(step))
    while step < epochs * steps_per_epoch and not learner.stop_training:
        epoch = step // steps_per_epoch
        n = 1
        while step < (epoch + 1) * steps_per_epoch and not learner.stop_training:
            n = min(n, (epoch + 1) * steps_per_epoch - step)
            start = time.monotonic()
            values = learner.train(left, n)
            seconds = time.monotonic() - start
            step += n
            for callback in callbacks:
                callback.on_batches_end(learner, step, values, seconds)
            n = max(1, min(2 * n, int(n * _CALL_S / seconds)))
        figures: dict[str, float] = {}
        for callback in callbacks:
            callback.on_epoch_end(learner, epoch, step, figures)
    learner.finish()
