"""One step an epoch, with the gradient of all images: computed by hand."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from dashboard.core.training.compile import learner_for
from dashboard.core.training.recipe import parse_recipe

RECIPE = {"optimizer": "gradient_descent", "learning_rate": 0.5, "batch_size": 2, "l2": 0.1}


def test_an_image_in_a_smaller_last_batch_counts_like_any_other() -> None:
    images = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]], np.float32)
    labels = np.array([0, 1, 1])
    inputs = keras.Input((2,))
    layer = keras.layers.Dense(2, use_bias=False)
    network = keras.Model(inputs, layer(inputs))
    start = np.array([[0.3, -0.1], [0.0, 0.2]], np.float32)
    layer.set_weights([start])
    learner = learner_for(parse_recipe(RECIPE), network, 2, n_images=3)

    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(2)
    values = learner.train(learner.shared(batches), 2)

    logits = images @ start
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    gradient = images.T @ (shares - np.eye(2)[labels]) / 3 + 2 * 0.1 * start
    np.testing.assert_allclose(layer.get_weights()[0], start - 0.5 * gradient, rtol=1e-5)
    losses, penalty = -np.log(shares[range(3), labels]), 0.1 * np.square(start).sum()
    expected = [losses[:2].mean() + penalty, losses[2] + penalty]
    np.testing.assert_allclose(values["loss"], expected, rtol=1e-5)
