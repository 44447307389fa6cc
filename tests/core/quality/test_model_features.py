"""Maps by the features of a published model."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dashboard.core.data.importer import import_dataset
from dashboard.core.models.store import get_model
from dashboard.core.quality import embedding, inspection, job
from dashboard.core.quality.model_features import has_model_features, model_features
from dashboard.core.serving.backends import OpenVinoBackend


@pytest.fixture
def digits(home):
    return import_dataset("digits")


def test_the_classes_lie_apart(digits):
    model = get_model("digits")
    assert not has_model_features(digits, model)
    found = model_features(digits, model)
    assert has_model_features(digits, model)
    assert found.shape[0] == len(digits.index)
    assert found[:, 0].var() == pytest.approx(1, rel=0.1)
    labels = np.array([item[0] for item in digits.index["labels"]])
    judge = LogisticRegression(max_iter=500).fit(found[::2], labels[::2])
    assert judge.score(found[1::2], labels[1::2]) > 0.98


def test_the_answer_follows_from_the_features(digits):
    """What goes into the last layer decides the answer: a linear map gives the logits back."""
    model = get_model("digits")
    found = np.asarray(model_features(digits, model))
    spec = model.card.input
    from dashboard.core.data.pack import pack

    images = np.asarray(pack(digits, spec.height, spec.width, spec.channels))
    logits = OpenVinoBackend(model.folder).outputs(images).logits
    design = np.hstack([found, np.ones((len(found), 1))])
    _, residual, *_ = np.linalg.lstsq(design, logits, rcond=None)
    assert residual.sum() / ((logits - logits.mean(0)) ** 2).sum() < 0.02


def test_the_job_draws_the_maps(digits, monkeypatch):
    monkeypatch.setattr(inspection, "umap_missing", lambda: "left out")  # compiles for 10 s
    stages = []
    job.draw(digits, "digits", lambda done, total, stage: stages.append(stage))
    assert "asking the model" in stages
    assert job.state(digits).status == "done"
    by_model, by_looks = embedding.pca_map(digits, get_model("digits")), embedding.pca_map(digits)
    assert list(by_model["id"]) == list(by_looks["id"]) == list(digits.index["id"])
    assert not np.allclose(by_model["x"], by_looks["x"])
