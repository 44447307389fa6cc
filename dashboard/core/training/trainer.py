"""One training run from recipe to model folder. Imports TensorFlow."""

from __future__ import annotations

import datetime
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.hashes import training_hashes
from dashboard.core.evaluate.metrics import confusion, metrics_for
from dashboard.core.models.card import Card, DatasetRef, InputSpec, save_card
from dashboard.core.models.export import export_openvino
from dashboard.core.models.features import look_at, traced
from dashboard.core.models.half_size import deflate, round_kernels
from dashboard.core.models.probabilities import best, probabilities
from dashboard.core.models.reference import save_reference
from dashboard.core.models.store import MODEL_FILE
from dashboard.core.runs.snapshot import remove_snapshot
from dashboard.core.training.checkpoint import remove_checkpoints
from dashboard.core.training.devices import gpus, strategy
from dashboard.core.training.examples import choose_pinned, load_examples
from dashboard.core.training.fit_recipe import fit_recipe
from dashboard.core.training.observer import Observer
from dashboard.core.training.recipe import Recipe
from dashboard.core.training.trust import trust_of

_PARITY_IMAGES = 256


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
    data = load_examples(recipe, dataset, observer)
    pinned = choose_pinned(dataset, data)
    with strategy(gpus()).scope():
        model = fit_recipe(recipe, dataset.tasks, data, pinned, checkpoints, observer)
    half_size = recipe.precision == "bfloat16"
    if half_size:
        round_kernels(model)

    observer.stage("testing")
    rows = data.rows["test"]
    outputs = traced(model)
    test = look_at(outputs, data.images, rows)
    trusted = trust_of(outputs, dataset.tasks, data, test, training_hashes(dataset))
    logits = test.logits
    _save_predictions(folder, dataset, rows, data.targets, logits)

    observer.stage("saving")
    model.save(folder / MODEL_FILE)
    if half_size:
        deflate(folder / MODEL_FILE)
    save_reference(trusted.reference, folder)
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
        confusion=confusion(dataset.tasks, logits, data.targets[rows]),
        temperature=trusted.temperature,
        trust=trusted.trust,
        export=export_openvino(model, folder, samples, dataset.tasks, half_size),
        licence="Apache-2.0",
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        command=command,
    )
    save_card(card, folder)
    remove_checkpoints(checkpoints)
    remove_snapshot(checkpoints.parent / "snapshot")
    return card


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
