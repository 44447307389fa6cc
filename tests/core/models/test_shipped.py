"""The model that comes with the checkout is what its card says."""

from __future__ import annotations

import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.models.store import get_model
from dashboard.core.serving.evaluation import evaluate_model
from dashboard.core.training.recipe import parse_toml, recipe_text


@pytest.mark.usefixtures("home")
def test_the_digits_model_keeps_its_word() -> None:
    model = get_model("digits")
    assert model.shipped
    assert model.has_valid_export()
    assert model.card.export is not None
    assert model.card.export.max_abs_dp <= 1e-3
    assert parse_toml(model.card.recipe) == parse_toml(recipe_text("digits"))

    dataset = import_dataset("digits")
    assert model.card.dataset is not None
    assert model.card.dataset.version == dataset.version
    claimed = {metric.name: metric for metric in model.card.metrics}
    assert claimed["accuracy"].value >= 0.98
    measured = {metric.name: metric for metric in evaluate_model("digits", None, "test")}
    assert measured["accuracy"] == claimed["accuracy"]
