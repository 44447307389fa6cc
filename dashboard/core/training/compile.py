"""Recipe → compiled Keras model. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from dashboard.core.models.networks import get_network
from dashboard.core.training.recipe import Recipe

_OPTIMIZERS: dict[str, Callable[..., keras.optimizers.Optimizer]] = {
    "sgd": keras.optimizers.SGD,
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
}


def on_gpu() -> bool:
    """Whether TensorFlow sees a GPU; its memory is then taken as needed, not all at once."""
    devices = tf.config.list_physical_devices("GPU")
    for device in devices:
        tf.config.experimental.set_memory_growth(device, True)
    return bool(devices)


def compiled_model(recipe: Recipe, n_classes: int, total_steps: int) -> keras.Model:
    """Build the recipe's network with its optimiser, loss and metrics.

    Args:
        recipe: What to build.
        n_classes: Number of logits.
        total_steps: Batches of the whole run, for the schedule.
    """
    model = get_network(recipe.network).build(n_classes, *recipe.input_shape)
    rate: float | keras.optimizers.schedules.LearningRateSchedule = recipe.learning_rate
    if recipe.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, total_steps)
    loss = (
        keras.losses.CategoricalCrossentropy(from_logits=True)
        if recipe.one_hot
        else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    model.compile(
        optimizer=_OPTIMIZERS[recipe.optimizer](rate),
        loss=loss,
        metrics=["accuracy"],
        # XLA halves the training speed of small networks on a CPU and takes seconds to compile.
        jit_compile="auto" if on_gpu() else False,
    )
    return model
