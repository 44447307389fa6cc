"""What a published model makes of each picture: what goes into its last dense layer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dashboard.core.atomic import write_array
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.pack import pack
from dashboard.core.errors import Conflict
from dashboard.core.models.runtime import compiled, openvino
from dashboard.core.models.store import EXPORT_FOLDER, StoredModel
from dashboard.core.quality.features import components, sampled

Progress = Callable[[int, int, str], None]

_BATCH = 64


def model_folder(dataset: Dataset, model: StoredModel) -> Path:
    """Return where what belongs to that model lies beside the data set."""
    return dataset.path / "models" / f"{model.card.name}-{model.card.version}"


def has_model_features(dataset: Dataset, model: StoredModel) -> bool:
    """Whether `model_features` returns at once."""
    return (model_folder(dataset, model) / "features.npy").is_file()


def model_features(
    dataset: Dataset, model: StoredModel, say: Progress = lambda *_: None
) -> np.ndarray:
    """Return the model's features of every picture, computed and stored on the first call.

    Args:
        dataset: Whose pictures; any, also of other classes than the model's.
        model: A published model that has an exported form.
        say: Told `(done, total, stage)`.

    Returns:
        float32 (n, d), d ≤ 64, in index order: the principal components of the features, scaled
        so that the first has variance 1.

    Raises:
        Conflict: The model has no exported form (`no_export`).
    """
    path = model_folder(dataset, model) / "features.npy"
    if not path.is_file():
        values = _penultimate(dataset, model, say)
        weights, offset = components(values[sampled(len(values))])
        write_array(path, values @ weights - offset)
    found: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    return found


def _penultimate(dataset: Dataset, model: StoredModel, say: Progress) -> np.ndarray:
    if not model.has_valid_export():
        raise Conflict(
            "The model “{name}” has no exported form, so its features cannot be had here. Choose "
            "another one.",
            code="no_export",
            name=model.card.name,
        )
    spec = model.card.input
    images = pack(dataset, spec.height, spec.width, spec.channels, say)
    ov = openvino()
    network = ov.Core().read_model(os.fspath(model.folder / EXPORT_FOLDER / "model.xml"))
    features_of = network.outputs[-1].node.input_value(0)  # of an export before 2026-11-27: logits
    inner = ov.Model([features_of], network.get_parameters())
    features = compiled(inner, PERFORMANCE_HINT="THROUGHPUT")
    dtype = features.input(0).element_type.to_dtype()
    n = len(images)
    parts = []
    for start in range(0, n, _BATCH):
        found = features([images[start : start + _BATCH].astype(dtype)])[0]
        parts.append(np.asarray(found, np.float32).reshape(len(found), -1).copy())
        if start % (16 * _BATCH) == 0:
            say(start, n, "asking the model")
    return np.concatenate(parts)
