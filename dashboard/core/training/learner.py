"""The network as it is trained: it also tells how large its gradient was. Imports TensorFlow."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class Learner(keras.Model):
    """A functional model that reports `gradient_norm` of every batch beside its metrics.

    Args:
        network: What to train; its layers and weights are shared.
        l2: Weight of the sum of squares of all kernels in the loss.
    """

    def __init__(self, network: keras.Model, l2: float = 0.0) -> None:
        super().__init__(inputs=network.inputs, outputs=network.outputs)
        self._l2 = l2

    def train_step(self, data: Any) -> dict[str, Any]:
        """Take one batch; see "Customizing what happens in fit()" of Keras."""
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            predicted = self(x, training=True)
            loss = self.compute_loss(x, y, predicted, weights, training=True)
            if self._l2:
                kernels = [v for v in self.trainable_variables if len(v.shape) > 1]
                loss += self._l2 * tf.add_n([tf.reduce_sum(tf.square(v)) for v in kernels])
        variables = self.trainable_variables
        gradients = tape.gradient(loss, variables)
        norm = tf.linalg.global_norm([g for g in gradients if g is not None])
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=tf.shape(predicted)[0])
            else:
                metric.update_state(y, predicted, sample_weight=weights)
        return {**self.get_metrics_result(), "gradient_norm": norm}
