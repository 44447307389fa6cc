"""A recipe → a network that has learned. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from dashboard.core.models.card import Card, InputSpec
from dashboard.core.models.networks import get_network
from dashboard.core.models.whitening import whiten
from dashboard.core.tasks import Task, class_names, kind_of
from dashboard.core.training.balance import class_weights
from dashboard.core.training.batches import evaluation_batches, training_batches
from dashboard.core.training.callbacks.checkpoints import Checkpoints
from dashboard.core.training.callbacks.early_stopping import EarlyStopping
from dashboard.core.training.callbacks.live_metrics import LiveMetrics
from dashboard.core.training.callbacks.plateau import Plateau
from dashboard.core.training.callbacks.snapshots import Snapshots
from dashboard.core.training.callbacks.stop_on_nan import StopOnNaN
from dashboard.core.training.callbacks.validation import Validation
from dashboard.core.training.checkpoint import load_checkpoint, restore
from dashboard.core.training.compile import learner_for, loss_of
from dashboard.core.training.examples import Examples, Pinned
from dashboard.core.training.fitting import fit_from
from dashboard.core.training.observer import Observer
from dashboard.core.training.phases import phases
from dashboard.core.training.precision import compute_in
from dashboard.core.training.recipe import Recipe


def fit_recipe(
    recipe: Recipe,
    tasks: Sequence[Task],
    data: Examples,
    pinned: Pinned,
    folder: Path,
    observer: Observer,
) -> keras.Model:
    """Train to the end, or until asked to stop, from where the run stood if it was broken off.

    Args:
        recipe: What to do.
        tasks: What is asked of an image.
        data: The images.
        pinned: Those to follow.
        folder: Keeps where the run stands; reports and snapshots of the epochs go beside it.
        observer: Gets the news and may ask to stop.

    Raises:
        InvalidInput: The loss stopped being a number.
        Halted: It was asked to pause; it can go on from its checkpoint.
    """
    train, val = data.rows["train"], data.rows["val"]
    n_classes = len(class_names(tasks))
    one_hot = n_classes if recipe.one_hot else 0
    balanced = recipe.class_weights == "balanced"

    def batches(start: int) -> tf.data.Dataset:
        return training_batches(
            data.images, data.targets, train, recipe.batch_size, recipe.epochs, recipe.seed,
            recipe.augmentation, one_hot, start, recipe.sampling,
        )[0]  # fmt: skip

    steps = -(-len(train) // recipe.batch_size)
    network = get_network(recipe.network).build(n_classes, *recipe.input_shape)
    checkpoint = load_checkpoint(folder, observer.note)
    if not checkpoint:
        whiten(network, data.images, train)
    remembering = _remembering(recipe, folder)
    if checkpoint:
        for name, callback in remembering.items():
            callback.set_state(checkpoint.state[name])
    step = checkpoint.step if checkpoint else 0
    callbacks = [
        Validation(
            network,
            tasks,
            evaluation_batches(data.images, data.targets, val, one_hot=one_hot),
            data.targets[val],
            loss_of(recipe, tasks),
            pinned,
            folder.parent / "epochs",
        ),
        StopOnNaN(),
        Snapshots(network, _snapshot_card(recipe, tasks), folder.parent / "snapshot"),
        LiveMetrics(observer, len(train), recipe.batch_size),  # an epoch that is told can be asked
        *remembering.values(),
        Checkpoints(observer, folder, steps, remembering),
    ]
    compute_in(network, recipe.precision)
    weights = class_weights(data.targets[train], n_classes) if balanced else None
    observer.plan(recipe.epochs, steps)
    observer.stage("training")
    for phase in phases(recipe):
        if step > phase.end * steps:
            continue  # the checkpoint is from a later one
        phase.prepare(network)
        learner = learner_for(phase.recipe, network, steps, tasks, weights, len(train))
        if checkpoint:
            restore(learner, checkpoint)
            checkpoint = None
        if "early_stopping" in remembering and remembering["early_stopping"].over:
            break  # broken off after it had stopped
        fit_from(learner, step, batches, steps, phase.end, callbacks)
        if learner.stop_training:
            break
        step = phase.end * steps
    if "early_stopping" in remembering:
        remembering["early_stopping"].restore_best(learner)
    compute_in(network, "float32")
    return network


def _snapshot_card(recipe: Recipe, tasks: Sequence[Task]) -> Card:
    height, width, channels = recipe.input_shape
    size = InputSpec(height=height, width=width, channels=channels)
    return Card(
        name=recipe.network, version="", classes=class_names(tasks), input=size,
        network=recipe.network, parameters=0, task=kind_of(tasks), tasks=tuple(tasks),
    )  # fmt: skip


def _remembering(recipe: Recipe, folder: Path) -> dict[str, Any]:
    """Return the callbacks whose memory belongs to a checkpoint."""
    found: dict[str, Any] = {}
    if recipe.schedule == "plateau":
        found["plateau"] = Plateau()
    if recipe.early_stopping:
        found["early_stopping"] = EarlyStopping(recipe.early_stopping, folder / "best.npy")
    return found
