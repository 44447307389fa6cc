"""The models that come with the checkout are what their cards say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.evaluate.foreign import foreign_pictures
from dashboard.core.models.reference import load_reference
from dashboard.core.models.store import get_model
from dashboard.core.serving.evaluation import evaluate_model
from dashboard.core.settings import REPOSITORY
from dashboard.core.training.recipe import parse_toml, recipe_text

SHIPPED = sorted(path.parent.name for path in (REPOSITORY / "models").glob("*/card.json"))


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_goes_with_its_model(name: str) -> None:
    model = get_model(name)
    assert model.shipped
    assert model.has_valid_export()
    assert model.card.export is not None
    assert model.card.export.max_abs_dp <= 1e-3
    reference, trust = load_reference(model.folder), model.card.trust
    assert reference is not None
    assert trust is not None
    assert [metric.split for metric in trust.refused] == ["test", *foreign_pictures(8, 8, 1)]
    for item in trust.coverage:
        # The limit is from half of the validation images, and so uncertain itself.
        spread = 1.96 * math.sqrt(item.error * (1 - item.error) / (trust.n / 2))
        assert item.covered.high >= 1 - item.error - spread


@pytest.mark.usefixtures("home")
def test_the_digits_model_keeps_its_word() -> None:
    card, dataset = get_model("digits").card, import_dataset("digits")
    assert parse_toml(card.recipe) == parse_toml(recipe_text("digits"))
    assert card.dataset is not None
    assert card.dataset.version == dataset.version
    claimed = {metric.name: metric for metric in card.metrics}
    assert claimed["accuracy"].value >= 0.98
    measured = {metric.name: metric for metric in evaluate_model("digits", None, "test")}
    assert measured["accuracy"] == claimed["accuracy"]


@pytest.mark.usefixtures("home")
def test_the_cifar_10_model_is_small_and_its_card_complete() -> None:
    model = get_model("cifar10")
    assert sum(path.stat().st_size for path in model.folder.rglob("*") if path.is_file()) <= 10e6
    accuracy = model.card.metrics[0]
    assert (accuracy.name, accuracy.split, accuracy.n) == ("accuracy", "test", 5000)
    confusion = np.array(model.card.confusion)
    assert confusion.sum() == accuracy.n
    assert np.trace(confusion) / accuracy.n == accuracy.value
    assert {"loss", "val_accuracy"} <= set(model.card.curves)
    assert model.card.command.splitlines() == [
        "KERAS_BACKEND=jax python -m models.distil_cifar10",
        "python -m dashboard calibrate cifar10 --dataset cifar10",
    ]
