"""`fit` from any batch on. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import keras
import tensorflow as tf


def fit_from(
    model: keras.Model,
    step: int,
    batches: Callable[[int], tf.data.Dataset],
    steps_per_epoch: int,
    epochs: int,
    callbacks: Sequence[keras.callbacks.Callback],
    **options: Any,
) -> None:
    """Train `model` from batch `step` to the end of the last epoch.

    Args:
        model: Compiled, as it was after `step` batches.
        step: Batches trained before.
        batches: `step → all batches from there on`.
        steps_per_epoch: Batches of an epoch.
        epochs: Of the whole run.
        callbacks: Of Keras. They see the rest of a broken epoch as an epoch.
        **options: For `keras.Model.fit`.
    """

    def fit(first: int, last: int, start: int, steps: int, *more: keras.callbacks.Callback) -> None:
        model.fit(
            batches(start).take(steps * (last - first)),
            initial_epoch=first,
            epochs=last,
            steps_per_epoch=steps,
            shuffle=False,  # the batches come in an order of their own
            callbacks=[*callbacks, *more],
            verbose=0,
            **options,
        )

    epoch, done = divmod(step, steps_per_epoch)
    if done:
        with suppress(_Left):
            fit(epoch, epoch + 1, step, steps_per_epoch - done, _Leave(epoch + 1 == epochs))
        epoch += 1
        if model.stop_training:
            return
    if epoch < epochs:
        fit(epoch, epochs, epoch * steps_per_epoch, steps_per_epoch)
    elif not done:  # broken off after the last batch, before `fit` had done this
        model.optimizer.finalize_variable_values(model.trainable_weights)


class _Left(Exception):
    """The broken epoch is over."""


class _Leave(keras.callbacks.Callback):
    """Leaves `fit` after an epoch, before it replaces the weights by their running mean."""

    def __init__(self, at_end: bool) -> None:
        super().__init__()
        self._at_end = at_end

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if not self._at_end and not self.model.stop_training:
            raise _Left
