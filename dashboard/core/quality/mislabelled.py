"""Likely label errors by confident learning.

Northcutt, Jiang & Chuang 2021, "Confident learning: estimating uncertainty in dataset labels",
arXiv:1911.00068. The formula is these few lines, checked against cleanlab; the classifier is ours
to choose: a Gaussian and a linear one on `features`, averaged, out of fold.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from dashboard.core.quality.base import Fault, Finding, Images
from dashboard.core.quality.features import image_features
from dashboard.core.text import mark

N_FOLDS = 5
"""Each picture is judged by a classifier trained on the other four fifths."""

MAX_SHARE = 0.1
"""Share of the pictures listed at most, times the square of the classifier's skill: a weak one
doubts far more than is wrong (CIFAR-10, right on 55 %: four of ten), and only its strongest doubts
are worth a look."""

MIN_ODDS = 4
"""A label is also listed where another class is so many times as likely. Confident learning asks
for a class's usual confidence, which one misfiled photo among forty does not reach. With 5 % of
the labels of 200 to 1,797 digits wrong it lists 70 to 91 % of those, this rule all of them
(precision 0.54 to 0.89)."""

_REGULARISATION = 0.3  # towards spherical Gaussians; 0.1 is right on 0.2–0.5 % fewer pictures
_STEPS = 60  # of the linear classifier's solver, to bound its time


def held_out_probabilities(
    values: np.ndarray, labels: np.ndarray, images: Images | None = None
) -> np.ndarray:
    """Return what classifiers that never saw a picture think of it.

    Args:
        values: Features, float32 (n, d).
        labels: Class index of each picture, (n,), every class at least `N_FOLDS` times.
        images: Told of the progress.

    Returns:
        float64 (n, classes present), rows sum to 1, classes in rising order.
    """
    from sklearn.model_selection import StratifiedKFold

    result = np.zeros((len(labels), len(np.unique(labels))))
    scaled = values / np.maximum(values.std(0), 1e-6)
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
    for done, (train, held_out) in enumerate(folds.split(scaled, labels)):
        if images:
            images.say(done, N_FOLDS, "doubting labels")
        for model in _models():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # not converged or few pictures: still an opinion
                model.fit(scaled[train], labels[train])
            result[held_out] += model.predict_proba(scaled[held_out]) / 2
    return result


def _models() -> list[Any]:
    from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression

    return [
        QuadraticDiscriminantAnalysis(solver="eigen", shrinkage=_REGULARISATION),
        LogisticRegression(C=0.01, max_iter=_STEPS),
    ]


def confident_errors(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which labels confident learning calls wrong: bool (n,).

    With t_j the mean probability of class j over the pictures labelled j, a picture is counted
    for the most likely class j whose probability reaches t_j (the confident joint, eq. 1); off the
    diagonal it is an error.

    Args:
        probabilities: Out of fold, (n, c).
        labels: In 0 … c − 1, each present, (n,).
    """
    given = probabilities[np.arange(len(labels)), labels]
    counts = np.bincount(labels, minlength=probabilities.shape[1])
    thresholds = np.bincount(labels, given, probabilities.shape[1]) / np.maximum(counts, 1)
    confident = np.where(probabilities >= thresholds - 1e-9, probabilities, -1.0)
    best = confident.argmax(1)
    return (confident.max(1) >= 0) & (best != labels)


class LabelError(Fault):
    """A picture whose label a classifier that has not seen it does not believe."""

    id = "label_error"
    label = mark("Likely label errors")
    sentence = mark(
        "{n} images may carry the wrong label, judged by a quick classifier that is right on "
        "{accuracy} % of the images it has not seen."
    )
    single = mark("It may carry the wrong label.")
    action = "relabel"
    by_label = True

    def supports(self, images: Images) -> str | None:
        if not images.single_label:
            return mark("Label errors are looked for only where each image has one label.")
        if (np.bincount(images.labels) >= N_FOLDS).sum() < 2:
            return mark("Label errors are looked for only in classes of at least five images.")
        return None

    def find(self, images: Images) -> Finding:
        sizes = np.bincount(images.labels)
        judged = np.flatnonzero(sizes[images.labels] >= N_FOLDS)
        classes, labels = np.unique(images.labels[judged], return_inverse=True)
        values = np.asarray(image_features(images))[judged]
        probabilities = held_out_probabilities(values, labels, images)
        given = probabilities[np.arange(len(labels)), labels]
        best = probabilities.argmax(1)
        doubted = confident_errors(probabilities, labels)
        doubted |= probabilities.max(1) >= MIN_ODDS * given
        wrong = np.flatnonzero(doubted & (best != labels))
        accuracy = float((best == labels).mean())
        skill = max(accuracy - 1 / len(classes), 0) / (1 - 1 / len(classes))
        most = max(1, int(MAX_SHARE * skill**2 * len(images)))
        wrong = wrong[np.argsort(given[wrong], kind="stable")][:most]
        return Finding(
            judged[wrong],
            1 - given[wrong],
            values={"accuracy": round(100 * accuracy)},
            columns=_columns(len(images), judged, 1 - given, classes[best]),
        )


def _columns(
    n: int, judged: np.ndarray, doubt: np.ndarray, best: np.ndarray
) -> dict[str, np.ndarray]:
    suspicion, suggested = np.zeros(n, np.float32), np.full(n, -1, np.int64)
    suspicion[judged], suggested[judged] = doubt, best
    return {"suspicion": suspicion, "suggested": suggested}
