"""Recipe → compiled Keras model. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dashboard.core.tasks import Task, spans
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


def on_gpu() -> bool:
    """Whether TensorFlow sees a GPU; its memory is then taken as needed, not all at once."""
    devices = tf.config.list_physical_devices("GPU")
    for device in devices:
        tf.config.experimental.set_memory_growth(device, True)
    return bool(devices)


def compiled(
    recipe: Recipe, network: keras.Model, steps_per_epoch: int, tasks: Sequence[Task] = ()
) -> Learner:
    """Give `network` the recipe's optimiser, loss and metrics.

    Args:
        recipe: What to do.
        network: Ends in logits.
        steps_per_epoch: Batches of an epoch.
        tasks: Of the data set; none: one, with one class per image.
    """
    learner = Learner(network, recipe.l2)
    learner.compile(
        optimizer=_optimizer(recipe, steps_per_epoch),
        loss=loss_of(recipe, tasks),
        metrics=_accuracies(recipe, tasks),
        # XLA halves the training speed of small networks on a CPU and takes seconds to compile.
        jit_compile="auto" if on_gpu() else False,
    )
    learner.optimizer.build(learner.trainable_variables)
    return learner


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
    """Return the recipe's loss: `(labels, logits) → mean loss`, a function or a Keras loss.

    Of several tasks, the sum of their losses.
    """
    loss = _loss(recipe, one_hot=recipe.one_hot or len(tasks) > 1)
    if len(tasks) < 2:
        return loss

    def total(labels: Any, logits: Any) -> Any:
        return tf.add_n([loss(labels[:, span], logits[:, span]) for span in spans(tasks)])

    return total


def _loss(recipe: Recipe, one_hot: bool) -> Any:
    smoothing = recipe.label_smoothing
    if recipe.loss == "binary_crossentropy":
        return keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing)
    if recipe.loss == "focal":
        return keras.losses.CategoricalFocalCrossentropy(
            alpha=1.0, from_logits=True, label_smoothing=smoothing
        )
    if recipe.loss == "mae":
        return _absolute_error
    if one_hot:
        return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def _all_right(targets: Any, logits: Any) -> Any:
    """Whether every label of an image is right; scikit-learn's accuracy for several labels."""
    right = tf.equal(targets > 0.5, logits > 0)
    return tf.cast(tf.reduce_all(right, axis=-1), tf.float32)


def _absolute_error(targets: Any, logits: Any) -> Any:
    return tf.reduce_mean(tf.abs(targets - tf.nn.softmax(logits)), axis=-1)


def _right(span: slice) -> Callable[[Any, Any], Any]:
    """Return what tells whether the class of one task is right, (n,)."""

    def right(targets: Any, logits: Any) -> Any:
        given, true = tf.argmax(logits[:, span], axis=1), tf.argmax(targets[:, span], axis=1)
        return tf.cast(tf.equal(given, true), tf.float32)

    return right


def _accuracies(recipe: Recipe, tasks: Sequence[Task]) -> list[keras.metrics.Metric]:
    """Return the accuracy; of several tasks that of all together, then of each by its number."""
    if len(tasks) > 1:
        each = [_right(span) for span in spans(tasks)]

        def every(targets: Any, logits: Any) -> Any:
            return tf.reduce_prod([right(targets, logits) for right in each], axis=0)

        names = ["accuracy", *(f"accuracy_{number}" for number in range(1, len(each) + 1))]
        functions = zip([every, *each], names, strict=True)
        return [keras.metrics.MeanMetricWrapper(*function) for function in functions]
    if any(task.several for task in tasks):
        return [keras.metrics.MeanMetricWrapper(_all_right, "accuracy")]
    if recipe.one_hot:
        return [keras.metrics.CategoricalAccuracy("accuracy")]
    return [keras.metrics.SparseCategoricalAccuracy("accuracy")]
