"""Measures a published model on a split of a data set, through the backend that serves it."""

from __future__ import annotations

import numpy as np

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.pack import pack
from dashboard.core.data.store import get_dataset
from dashboard.core.errors import InvalidInput
from dashboard.core.evaluate.metrics import metrics_for
from dashboard.core.models.card import Card, Metric
from dashboard.core.models.store import get_model
from dashboard.core.serving.backends import choose_backend

_BATCH = 256


def evaluate_model(name: str, dataset_name: str | None, split: str) -> tuple[Metric, ...]:
    """Return the metrics of model `name`.

    Args:
        name: A published model.
        dataset_name: Data set with the model's classes; the one it was trained on if None.
        split: train, val or test.

    Raises:
        InvalidInput: No such split, no data set is known, or its classes differ.
    """
    model = get_model(name)
    card = model.card
    if not dataset_name and not card.dataset:
        raise InvalidInput(
            "The card of “{name}” names no data set; choose one with `--dataset`.",
            code="no_dataset",
            name=name,
        )
    dataset = get_dataset(dataset_name or card.dataset.name)  # type: ignore[union-attr]
    require_same_classes(dataset, card)
    rows = np.flatnonzero((dataset.index["split"] == split).to_numpy())
    if not len(rows):
        raise InvalidInput(
            "The data set “{dataset}” has no images in the split “{split}”. "
            "Choose one of: train, val, test.",
            code="empty_split",
            dataset=dataset.name,
            split=split,
        )
    images = pack(dataset, card.input.height, card.input.width, card.input.channels)
    backend = choose_backend(model)
    logits = np.concatenate(
        [
            backend.outputs(images[rows[start : start + _BATCH]]).logits
            for start in range(0, len(rows), _BATCH)
        ]
    )
    return metrics_for(card.tasks, logits, dataset.targets(split), split)


def require_same_classes(dataset: Dataset, card: Card) -> None:
    """Raise `InvalidInput` unless the model answers with the classes of the data set, in order.

    Also where only one of them knows images with several labels.
    """
    if (dataset.task == "single_label") != (card.task == "single_label"):
        raise InvalidInput(
            "Only one of the data set “{dataset}” and the model “{name}” has images with several "
            "labels. Choose two that agree.",
            code="task_mismatch",
            dataset=dataset.name,
            name=card.name,
        )
    if dataset.tasks != card.tasks:
        raise InvalidInput(
            "The data set “{dataset}” has other classes than the model “{name}”.",
            code="labels_mismatch",
            dataset=dataset.name,
            name=card.name,
        )
