"""With a running mean of the weights, that mean is validated, kept as the best, and the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.pack import pack
from dashboard.core.runs import tracking
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe
from tests.core.training.test_trainer import lamps

# Rates so high that the weights jump about, and the best epoch is not the last.
FIELDS = {"dataset": "lamps", "network": "doc-001", "epochs": 4, "batch_size": 10,
          "optimizer": "sgd", "learning_rate": 0.05, "seed": 2}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def dataset(module_home: Path) -> Dataset:
    return import_dataset(lamps(module_home / "lamps"))


def run(**fields: Any) -> str:
    run_id = submit(parse_recipe({**FIELDS, **fields}), status="RUNNING")
    execute(run_id)
    return run_id


def curve(run_id: str, key: str) -> list[float]:
    return [value for _, value in tracking.history(run_id, key)]


def loss_of_the_result(run_id: str, dataset: Dataset) -> float:
    """The validation loss of the saved model, reckoned anew."""
    model = keras.saving.load_model(tracking.artifacts(run_id) / "model.keras")
    images = pack(dataset, 28, 28, 1)[dataset.rows("val").index].astype(np.float32)
    logits = model.predict(images, verbose=0).astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    chosen = logits[np.arange(len(logits)), dataset.targets("val")]
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - chosen))


def test_the_mean_is_validated_and_training_is_not_disturbed(dataset: Dataset) -> None:
    plain, mean = run(), run(ema=0.8)
    assert curve(plain, "loss") == curve(mean, "loss")
    assert np.abs(np.subtract(curve(plain, "val_loss"), curve(mean, "val_loss"))).min() > 1e-4
    for run_id in (plain, mean):
        expected = curve(run_id, "val_loss")[-1]
        assert loss_of_the_result(run_id, dataset) == pytest.approx(expected, rel=1e-4)


def test_early_stopping_restores_the_best_mean(dataset: Dataset) -> None:
    run_id = run(ema=0.8, early_stopping=2, schedule="range_test", learning_rate=10.0, epochs=9)
    losses = curve(run_id, "val_loss")
    assert min(losses) < losses[-1]
    assert loss_of_the_result(run_id, dataset) == pytest.approx(min(losses), rel=1e-4)
