"""A network with all it takes to train it. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dashboard.core.training.normalization import fused_normalization

Batches = Iterator[tuple[tf.Tensor, tf.Tensor]]


class Learner:
    """Takes batches, many at a call: each call of Python costs a small network a third of its time.

    Args:
        network: Ends in logits. Built, like `optimizer`, in the scope of the current strategy.
        optimizer: Of Keras.
        loss: `(targets, logits) → loss of each image`, (b,).
        accuracies: Name → `(targets, logits) → share that is right of each image`, (b,).
        l2: Weight of the sum of squares of all kernels in the loss.
        class_weights: How much each class counts in the loss, float32 (classes,); None: the same.
        jit_compile: Compile with XLA.
        mean_batch: Images of a batch on average, where the optimiser averages the gradients of
            several: each image then counts the same, in a smaller batch too. None: it does not.

    Attributes:
        stop_training: Set by a callback to end after the batches of this call.
    """

    def __init__(
        self,
        network: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        loss: Callable[[Any, Any], Any],
        accuracies: Mapping[str, Callable[[Any, Any], Any]],
        l2: float = 0.0,
        class_weights: np.ndarray | None = None,
        jit_compile: bool = False,
        mean_batch: float | None = None,
    ) -> None:
        self.network = network
        self.optimizer = optimizer
        self.stop_training = False
        self._loss = loss
        self._accuracies = accuracies
        self._l2 = l2
        self._class_weights = class_weights
        self._mean_batch = mean_batch
        self._strategy = tf.distribute.get_strategy()
        optimizer.build(network.trainable_variables)
        self._step = tf.function(self._one, jit_compile=jit_compile, reduce_retracing=True)
        self._steps = tf.function(self._many)

    def shared(self, batches: tf.data.Dataset) -> Batches:
        """Return `batches` in the form `train` takes: each is shared among the devices."""
        return iter(self._strategy.experimental_distribute_dataset(batches))

    def train(self, batches: Batches, n: int) -> dict[str, np.ndarray]:
        """Take the next `n` batches.

        Returns:
            `loss`, the accuracies, `gradient_norm` and `learning_rate` of every batch, float32
            (n,) each.
        """
        return {name: found.numpy() for name, found in self._steps(batches, tf.constant(n)).items()}

    def finish(self) -> None:
        """Replace the weights by their running mean if the optimiser keeps one."""
        self.optimizer.finalize_variable_values(self.network.trainable_variables)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the running mean into the network for the block, if the optimiser keeps one.

        It is what the run will end with, so that is to be validated, to be kept as the best and to
        be asked, whereas training goes on from the weights as they were
        (Polyak & Juditsky 1992).
        """
        if not self.optimizer.use_ema:
            yield
            return
        variables = self.network.trainable_variables
        trained = [variable.numpy() for variable in variables]
        self.finish()
        try:
            yield
        finally:
            for variable, value in zip(variables, trained, strict=True):
                variable.assign(value)

    def _many(self, batches: Batches, n: tf.Tensor) -> dict[str, tf.Tensor]:
        names = ("loss", *self._accuracies, "gradient_norm", "learning_rate")
        rows = tf.TensorArray(tf.float32, size=n, element_shape=(len(names),))
        for index in tf.range(n):
            found = self._strategy.run(self._step, args=next(batches))
            rows = rows.write(index, self._strategy.reduce("SUM", found, axis=None))
        columns = tf.unstack(rows.stack(), num=len(names), axis=1)
        return dict(zip(names, columns, strict=True))

    def _one(self, pixels: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        """Take one device's part of a batch; return its part of the figures of the batch."""
        context = tf.distribute.get_replica_context()
        devices = context.num_replicas_in_sync
        n_images = context.all_reduce("SUM", tf.cast(tf.shape(pixels)[0], tf.float32))
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            with fused_normalization():
                logits = tf.cast(self.network(pixels, training=True), tf.float32)
            losses = self._loss(targets, logits)
            if self._class_weights is not None:
                losses *= self._weights(targets)
            total, penalty = tf.reduce_sum(losses), self._l2 * self._squares() / devices
            aim = total / (self._mean_batch or n_images) + penalty
        gradients = tape.gradient(aim, variables)
        loss = total / n_images + penalty
        rate = tf.cast(self.optimizer.learning_rate, tf.float32)  # a schedule's next one after that
        self.optimizer.apply(gradients, variables)
        whole = context.all_reduce("SUM", [g for g in gradients if g is not None])
        shares = [
            tf.reduce_sum(right(targets, logits)) / n_images for right in self._accuracies.values()
        ]
        # What is the same on every device is divided, since the figures of all are summed.
        return tf.stack([loss, *shares, tf.linalg.global_norm(whole) / devices, rate / devices])

    def _weights(self, targets: tf.Tensor) -> tf.Tensor:
        if targets.dtype.is_integer:
            return tf.gather(self._class_weights, targets)
        return tf.linalg.matvec(targets, self._class_weights)

    def _squares(self) -> Any:
        if not self._l2:
            return 0.0
        kernels = [v for v in self.network.trainable_variables if len(v.shape) > 1]
        return tf.add_n([tf.reduce_sum(tf.square(v)) for v in kernels])
