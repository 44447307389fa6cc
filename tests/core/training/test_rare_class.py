"""Each remedy for a rare class finds more of its images: digits with the eights thinned to 5 %."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.runs import tracking
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe

RARE, KEPT = 8, 0.05

RECIPE = {"dataset": "thinned", "network": "doc-001", "epochs": 3, "seed": 1}
REMEDIES = {
    "class weights": {"class_weights": "balanced"},
    "resampling": {"sampling": "balanced"},
    "focal loss": {"loss": "focal"},
    "minority augmentation": {
        "sampling": "augmented", "augmentation": {"rotation": 0.05, "translation": 0.1},
    },
}  # fmt: skip


def thinned(folder: Path) -> Path:
    """The digits by split and class; eights that training does without are tested on instead."""
    digits = import_dataset("digits")
    left = int(KEPT * (digits.targets("train") == RARE).sum())
    for row in digits.index.sort_values("id").itertuples():
        split, label = row.split, digits.classes[row.labels[0]]
        if split == "train" and label == str(RARE):
            split, left = ("train" if left > 0 else "test"), left - 1
        target = folder / split / label / f"{row.id}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(digits.image_path(row.id), target)
    return folder


@pytest.fixture(scope="module")
def predictions(module_home: Path) -> Callable[..., pd.DataFrame]:
    """Train by the recipe with the changes of this name; return what it says of the test images."""
    import_dataset(thinned(module_home / "thinned"))

    @cache
    def trained(changes: str = "") -> pd.DataFrame:
        recipe = parse_recipe({**RECIPE, **REMEDIES.get(changes, {})})
        run_id = submit(recipe, status="RUNNING")
        execute(run_id)
        return pd.read_parquet(tracking.artifacts(run_id) / "predictions.parquet")

    return trained


def recall(predictions: pd.DataFrame, rare: bool) -> float:
    """The share of the eights, or of all other images, that are recognised."""
    chosen = predictions[(predictions["target"] == RARE) == rare]
    assert len(chosen) > 140
    return float((chosen["predicted"] == chosen["target"]).mean())


@pytest.mark.parametrize("remedy", ["class weights", "resampling", "minority augmentation"])
def test_a_remedy_finds_more_of_the_rare_class(
    predictions: Callable[..., pd.DataFrame], remedy: str
) -> None:
    # Of three seeds the smallest gain was 0.38: 0.10 → 0.48, by class weights.
    assert recall(predictions(remedy), rare=True) > recall(predictions(), rare=True) + 0.2
    assert recall(predictions(remedy), rare=False) > 0.85  # not by calling everything an eight


def test_focal_loss_learns(predictions: Callable[..., pd.DataFrame]) -> None:
    assert recall(predictions("focal loss"), rare=False) > 0.85
