"""Batch normalisation in one operation while a network learns. Imports TensorFlow.

Keras spells it out in six, in float32 whatever the precision: on a CPU a convolutional network in
bfloat16 then spends half of its time on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

_spelled_out = keras.layers.BatchNormalization.call


@contextmanager
def fused_normalization() -> Iterator[None]:
    """Let every batch normalisation that is traced meanwhile be one operation.

    Keras' layer itself is changed for the time, so that networks built by anybody profit and the
    models that are saved stay Keras' own. The figures are Keras' but for rounding.
    """
    keras.layers.BatchNormalization.call = _call
    try:
        yield
    finally:
        keras.layers.BatchNormalization.call = _spelled_out


def _call(
    self: keras.layers.BatchNormalization, inputs: Any, training: Any = None, mask: Any = None
) -> Any:
    last = len(inputs.shape) - 1
    plain = len(inputs.shape) == 4 and self.axis in (-1, last) and mask is None
    if not (training and self.trainable and plain) or self.renorm or self.synchronized:
        return _spelled_out(self, inputs, training=training, mask=mask)
    channels = inputs.shape[-1]
    outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=inputs,
        scale=tf.cast(self.gamma, tf.float32) if self.scale else tf.ones(channels),
        offset=tf.cast(self.beta, tf.float32) if self.center else tf.zeros(channels),
        mean=tf.constant([]),
        variance=tf.constant([]),
        epsilon=self.epsilon,
        is_training=True,
    )
    n = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
    variance *= (n - 1) / n  # TensorFlow keeps the unbiased one, Keras the other
    for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
        moving.assign(moving * self.momentum + value * (1.0 - self.momentum))
    return outputs
