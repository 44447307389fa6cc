"""One training run from recipe to model folder. Imports TensorFlow."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from dashboard.core.data.dataset import SPLITS, Dataset
from dashboard.core.data.pack import pack
from dashboard.core.errors import InvalidInput
from dashboard.core.evaluate.metrics import metrics_for
from dashboard.core.models.card import Card, DatasetRef, InputSpec, save_card
from dashboard.core.models.export import export_openvino
from dashboard.core.models.networks import get_network
from dashboard.core.models.probabilities import best, probabilities
from dashboard.core.runs.snapshot import remove_snapshot
from dashboard.core.tasks import Task, class_names, kind_of
from dashboard.core.training.balance import class_weights
from dashboard.core.training.batches import evaluation_batches, training_batches
from dashboard.core.training.callbacks.checkpoints import Checkpoints
from dashboard.core.training.callbacks.early_stopping import EarlyStopping
from dashboard.core.training.callbacks.live_metrics import LiveMetrics
from dashboard.core.training.callbacks.plateau import Plateau
from dashboard.core.training.callbacks.snapshots import Snapshots
from dashboard.core.training.callbacks.stop_on_nan import StopOnNaN
from dashboard.core.training.callbacks.validation import Pinned, Validation
from dashboard.core.training.checkpoint import load_checkpoint, remove_checkpoints, restore
from dashboard.core.training.compile import learner_for, loss_of
from dashboard.core.training.devices import gpus, strategy
from dashboard.core.training.fitting import fit_from
from dashboard.core.training.observer import Observer
from dashboard.core.training.phases import phases
from dashboard.core.training.precision import compute_in
from dashboard.core.training.recipe import Recipe

_PARITY_IMAGES = 256
_PINNED = 8


def train(
    recipe: Recipe,
    dataset: Dataset,
    folder: Path,
    checkpoints: Path,
    observer: Observer,
    run_id: str,
    command: str,
) -> Card:
    """Train, test on the held-out split, and leave a complete model folder.

    A run that is asked to stop keeps what it has learned: it is tested and saved like any other.
    One that was broken off goes on from its last checkpoint, and ends as if nothing had happened.

    Args:
        recipe: What to do.
        dataset: Images with train, val and test splits; test is used once, at the end.
        folder: Gets `model.keras`, `card.json`, `openvino/` and `predictions.parquet`.
        checkpoints: Folder that keeps where the run stands.
        observer: Gets the news and may ask to stop.
        run_id: Noted on the card.
        command: The command that repeats this run, noted on the card.

    Returns:
        The model's card.

    Raises:
        InvalidInput: The data set lacks a split, or the loss stopped being a number.
        Halted: It was asked to pause; it can go on from its checkpoint.
    """
    keras.utils.set_random_seed(recipe.seed)
    observer.stage("packing")
    data = _load(recipe, dataset, observer)
    pinned = _pinned(dataset, data)
    with strategy(gpus()).scope():
        model = _fitted(recipe, dataset.tasks, data, pinned, checkpoints, observer)

    observer.stage("testing")
    rows = data.rows["test"]
    logits = model.predict(evaluation_batches(data.images, data.targets, rows), verbose=0)
    _save_predictions(folder, dataset, rows, data.targets, logits)

    observer.stage("saving")
    model.save(folder / "model.keras")
    height, width, channels = recipe.input_shape
    samples = data.images[data.rows["val"][:_PARITY_IMAGES]]
    card = Card(
        name=run_id[:8],
        version="",
        classes=dataset.classes,
        tasks=dataset.tasks,
        input=InputSpec(height=height, width=width, channels=channels),
        network=recipe.network,
        parameters=model.count_params(),
        dataset=DatasetRef(name=dataset.name, version=dataset.version),
        run_id=run_id,
        recipe=recipe.to_toml(),
        task=dataset.task,
        metrics=metrics_for(dataset.tasks, logits, data.targets[rows], "test"),
        export=export_openvino(model, folder, samples, partial(probabilities, tasks=dataset.tasks)),
        licence="Apache-2.0",
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        command=command,
    )
    save_card(card, folder)
    remove_checkpoints(checkpoints)
    remove_snapshot(checkpoints.parent / "snapshot")
    return card


class _Data(NamedTuple):
    """Packed images (n, h, w, c), their targets (`Dataset.targets`), and the rows of each split."""

    images: np.ndarray
    targets: np.ndarray
    rows: dict[str, np.ndarray]


def _load(recipe: Recipe, dataset: Dataset, observer: Observer) -> _Data:
    height, width, channels = recipe.input_shape
    images = pack(
        dataset,
        height,
        width,
        channels,
        on_progress=lambda done, total, *_: observer.stage("packing", done, total),
    )
    return _Data(images, dataset.targets(), {name: _rows(dataset, name) for name in SPLITS})


def _fitted(
    recipe: Recipe,
    tasks: Sequence[Task],
    data: _Data,
    pinned: Pinned,
    folder: Path,
    observer: Observer,
) -> keras.Model:
    """Train to the end, or until asked to stop, from where the run stood if it was broken off."""
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
        LiveMetrics(observer, len(train), recipe.batch_size),
        *remembering.values(),
        Snapshots(network, _snapshot_card(recipe, tasks), folder.parent / "snapshot"),
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
        learner = learner_for(phase.recipe, network, steps, tasks, weights)
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


def _pinned(dataset: Dataset, data: _Data) -> Pinned:
    """Choose validation images to follow, of as many classes as there are."""
    rows = data.rows["val"]
    first = data.targets[rows] if data.targets.ndim == 1 else data.targets[rows].argmax(axis=1)
    rank = pd.Series(rows).groupby(first).cumcount().to_numpy()
    chosen = rows[np.lexsort((first, rank))[:_PINNED]]
    ids = tuple(dataset.index["id"].to_numpy()[chosen])
    return Pinned(ids, np.asarray(data.images[chosen]), data.targets[chosen])


def _remembering(recipe: Recipe, folder: Path) -> dict[str, Any]:
    """Return the callbacks whose memory belongs to a checkpoint."""
    found: dict[str, Any] = {}
    if recipe.schedule == "plateau":
        found["plateau"] = Plateau()
    if recipe.early_stopping:
        found["early_stopping"] = EarlyStopping(recipe.early_stopping, folder / "best.npy")
    return found


def _rows(dataset: Dataset, split: str) -> np.ndarray:
    rows = np.flatnonzero((dataset.index["split"] == split).to_numpy())
    if not len(rows):
        raise InvalidInput(
            "The data set “{name}” has no images in its {split} split. Import it again with more "
            "images per class.",
            code="empty_split",
            name=dataset.name,
            split=split,
        )
    return rows


def _save_predictions(
    folder: Path, dataset: Dataset, rows: np.ndarray, targets: np.ndarray, logits: np.ndarray
) -> None:
    found = probabilities(logits, dataset.tasks)
    frame = pd.DataFrame({"id": dataset.index["id"].to_numpy()[rows]})
    if targets.ndim == 1:
        frame["target"] = targets[rows]
        frame["predicted"] = found.argmax(axis=1)
        frame["probability"] = found.max(axis=1)
    else:
        frame["target"] = [np.flatnonzero(row).tolist() for row in targets[rows]]
        frame["predicted"] = (
            [np.flatnonzero(row).tolist() for row in found > 0.5]
            if dataset.task == "multi_label"
            else best(found, dataset.tasks).tolist()
        )
        frame["probability"] = found.tolist()
    frame.to_parquet(folder / "predictions.parquet")
