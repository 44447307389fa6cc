"""A run on images with several labels, from the table to the answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import accuracy_score, f1_score

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import InvalidInput
from dashboard.core.evaluate.metrics import multi_label_metrics
from dashboard.core.images import encode_png
from dashboard.core.runs import tracking
from dashboard.core.runs.epochs import load_epoch, reported_epochs
from dashboard.core.serving.engine import Engine
from dashboard.core.serving.evaluation import evaluate_model
from dashboard.core.serving.question import Question
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import publish_run, submit
from dashboard.core.training.recipe import parse_recipe

RECIPE = {
    "dataset": "lamps", "network": "residual", "image_size": 16, "channels": 1, "epochs": 12,
    "batch_size": 16, "learning_rate": 0.003, "loss": "binary_crossentropy",
}  # fmt: skip


def lamp(left: bool, right: bool, generator: np.random.Generator) -> np.ndarray:
    pixels = generator.integers(0, 90, (16, 16, 3), np.uint8)
    pixels[4:12, 2:6] += np.uint8(150 * left)
    pixels[4:12, 10:14] += np.uint8(150 * right)
    return pixels


@pytest.fixture(scope="module", autouse=True)
def dataset(module_home: Path) -> Dataset:
    folder = module_home
    generator = np.random.default_rng(0)
    lines = ["filename,label"]
    (folder / "lamps").mkdir()
    for number in range(120):
        left, right = [(True, False), (False, True), (True, True)][number % 3]
        Image.fromarray(lamp(left, right, generator)).save(folder / f"lamps/{number}.png")
        labels = "|".join(["left"] * left + ["right"] * right)
        lines.append(f"{number}.png,{labels}")
    (folder / "lamps/labels.csv").write_text("\n".join(lines))
    return import_dataset(folder / "lamps")


def test_every_label_is_learned_on_its_own() -> None:
    run_id = submit(parse_recipe(RECIPE), status="RUNNING")
    card = execute(run_id)
    assert card.task == "multi_label"
    accuracy = next(metric for metric in card.metrics if metric.name == "accuracy")
    assert accuracy.value > 0.9
    assert accuracy.n == 12
    assert card.export
    report = load_epoch(run_id, reported_epochs(run_id)[-1])
    assert report.confusion.size == 0
    assert report.probabilities.sum(axis=1).max() > 1.5  # of an image with both
    found = pd.read_parquet(tracking.artifacts(run_id) / "predictions.parquet")
    assert {len(labels) for labels in found["target"]} == {1, 2}
    publish_run(run_id, "lamps")
    picture = encode_png(lamp(True, True, np.random.default_rng(9)))
    answer = Engine().classify(picture, Question(model="lamps", evidence=3))
    likely = {item.label for item in answer.predictions if item.probability > 0.5}
    assert likely == {"left", "right"}
    assert answer.assurance is not None
    assert [item.label for item in answer.assurance.evidence] == ["left, right"] * 3
    again = evaluate_model("lamps", "lamps", "test")
    assert again[0].value == accuracy.value


@pytest.mark.parametrize(
    "change",
    [{"loss": "focal"}, {"class_weights": "balanced"}, {"sampling": "balanced"},
     {"augmentation": {"mixup": 0.3}}],
)  # fmt: skip
def test_what_needs_one_label_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match=f"`{next(iter(change))}`"):
        submit(parse_recipe({**RECIPE, **change}))


def test_metrics_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 2, (200, 5), np.uint8)
    logits = np.where(generator.random((200, 5)) < 0.8, targets * 2.0 - 1, 1 - targets * 2.0)
    accuracy, f1 = multi_label_metrics(logits, targets, "test")
    assert accuracy.value == accuracy_score(targets, logits > 0)
    assert f1.value == pytest.approx(f1_score(targets, logits > 0, average="macro"))
    assert f1.low < f1.value < f1.high
