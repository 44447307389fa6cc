"""Recipe → learner. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dashboard.core.tasks import Task, spans
from dashboard.core.training.devices import gpus
from dashboard.core.training.learner import Learner
from dashboard.core.training.recipe import Recipe
from dashboard.core.training.schedules import rates

_OPTIMIZERS: dict[str, Callable[..., keras.optimizers.Optimizer]] = {
    "gradient_descent": keras.optimizers.SGD,
    "sgd": keras.optimizers.SGD,
    "momentum": lambda rate, **more: keras.optimizers.SGD(
        rate, momentum=0.9, nesterov=True, **more
    ),
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
}


class _Table(keras.optimizers.schedules.LearningRateSchedule):
    """The rate of every batch, looked up."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = tf.constant(values)

    def __call__(self, step: Any) -> Any:
        return tf.gather(self._values, tf.minimum(tf.cast(step, tf.int32), len(self._values) - 1))


def learner_for(
    recipe: Recipe,
    network: keras.Model,
    steps_per_epoch: int,
    tasks: Sequence[Task] = (),
    class_weights: np.ndarray | None = None,
    n_images: int | None = None,
) -> Learner:
    """Give `network` the recipe's optimiser, loss and metrics.

    Args:
        recipe: What to do.
        network: Ends in logits.
        steps_per_epoch: Batches of an epoch.
        tasks: Of the data set; none: one, with one class per image.
        class_weights: How much each class counts; None: the same.
        n_images: Images of an epoch; None: as many as fill its batches.
    """
    whole = recipe.optimizer == "gradient_descent"
    return Learner(
        network,
        _optimizer(recipe, steps_per_epoch),
        loss_of(recipe, tasks),
        _accuracies(recipe, tasks),
        recipe.l2,
        class_weights,
        # XLA halves the training speed of small networks on a CPU and takes seconds to compile.
        jit_compile=bool(gpus()),
        mean_batch=n_images / steps_per_epoch if whole and n_images else None,
    )


def _optimizer(recipe: Recipe, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    options: dict[str, Any] = {}
    if recipe.weight_decay is not None:  # else Keras' default: 0.004 for AdamW
        options["weight_decay"] = recipe.weight_decay
    if recipe.ema:
        options |= {"use_ema": True, "ema_momentum": recipe.ema}
    if recipe.optimizer == "gradient_descent" and steps_per_epoch > 1:
        options["gradient_accumulation_steps"] = steps_per_epoch
    rate: Any = recipe.learning_rate
    if recipe.schedule != "plateau" and (recipe.schedule != "constant" or recipe.warmup):
        steps = steps_per_epoch * recipe.epochs
        rate = _Table(rates(recipe.schedule, recipe.learning_rate, recipe.warmup, steps))
    return _OPTIMIZERS[recipe.optimizer](rate, **options)


def loss_of(recipe: Recipe, tasks: Sequence[Task] = ()) -> Any:
    """Return the recipe's loss: `(labels, logits) → loss of each image`.

    Of several tasks, the sum of their losses.
    """
    loss = _loss(recipe, one_hot=recipe.one_hot or len(tasks) > 1)
    if len(tasks) < 2:
        return loss

    def total(labels: Any, logits: Any) -> Any:
        return tf.add_n([loss(labels[:, span], logits[:, span]) for span in spans(tasks)])

    return total


def _loss(recipe: Recipe, one_hot: bool) -> Any:
    options: dict[str, Any] = {"from_logits": True, "reduction": "none"}
    if recipe.loss == "sparse_categorical_crossentropy" and not one_hot:
        return keras.losses.SparseCategoricalCrossentropy(**options)
    if recipe.loss == "mae":
        return _absolute_error
    options["label_smoothing"] = recipe.label_smoothing
    if recipe.loss == "binary_crossentropy":
        return keras.losses.BinaryCrossentropy(**options)
    if recipe.loss == "focal":
        return keras.losses.CategoricalFocalCrossentropy(alpha=1.0, **options)
    return keras.losses.CategoricalCrossentropy(**options)


def _absolute_error(targets: Any, logits: Any) -> Any:
    return tf.reduce_mean(tf.abs(targets - tf.nn.softmax(logits)), axis=-1)


def _accuracies(recipe: Recipe, tasks: Sequence[Task]) -> dict[str, Callable[[Any, Any], Any]]:
    """Return the accuracy; of several tasks that of all together, then of each by its number."""
    if len(tasks) > 1:
        each = [_right(span) for span in spans(tasks)]

        def every(targets: Any, logits: Any) -> Any:
            return tf.reduce_prod([right(targets, logits) for right in each], axis=0)

        numbered = {f"accuracy_{number}": right for number, right in enumerate(each, 1)}
        return {"accuracy": every, **numbered}
    if any(task.several for task in tasks):
        return {"accuracy": _all_right}
    if recipe.one_hot:
        return {"accuracy": keras.metrics.categorical_accuracy}
    return {"accuracy": keras.metrics.sparse_categorical_accuracy}


def _all_right(targets: Any, logits: Any) -> Any:
    """Whether every label of an image is right; scikit-learn's accuracy for several labels."""
    right = tf.equal(targets > 0.5, logits > 0)
    return tf.cast(tf.reduce_all(right, axis=-1), tf.float32)


def _right(span: slice) -> Callable[[Any, Any], Any]:
    """Return what tells whether the class of one task is right, (n,)."""

    def right(targets: Any, logits: Any) -> Any:
        given, true = tf.argmax(logits[:, span], axis=1), tf.argmax(targets[:, span], axis=1)
        return tf.cast(tf.equal(given, true), tf.float32)

    return right
