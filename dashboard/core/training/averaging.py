"""The running mean of the weights in the weights' place. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Put the running mean into `model` for the block, if its optimiser keeps one.

    At its end `fit` puts it there for good, so that is the network to validate, to keep as the
    best and to ask, whereas training itself goes on from the weights as they were
    (Polyak & Juditsky 1992).
    """
    if not model.optimizer.use_ema:
        yield
        return
    variables = model.trainable_variables
    trained = [variable.numpy() for variable in variables]
    model.optimizer.finalize_variable_values(variables)
    try:
        yield
    finally:
        for variable, value in zip(variables, trained, strict=True):
            variable.assign(value)
