"""Are probabilities as high as answers are right? And the one number that brings them there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from dashboard.core.models.card import Metric
from dashboard.core.models.probabilities import probabilities
from dashboard.core.tasks import Task, spans

_RANGE = (0.05, 20.0)
_BINS = 15
_RESAMPLES = 200
_LEAST = 1e-12  # a probability of 0 for what is true would cost infinitely much


def fit_temperature(logits: np.ndarray, targets: np.ndarray, tasks: Sequence[Task]) -> float:
    """Return the temperature, 0.05 to 20, under which the targets are most probable.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv 1706.04599, §4.2: minimises
    the negative log-likelihood over `T` of `softmax(z / T)`. The order of the classes stays. The
    targets are softened as if one more image had been seen, of all classes alike, lest five right
    answers promise certainty (as Platt 1999, "Probabilistic Outputs for Support Vector Machines",
    §2.2, but by one image in all: one for each class would outweigh a small validation split).

    Args:
        logits: `(n, classes)` of images that the network has not learned from.
        targets: `(n,)` or `(n, classes)`, as `Dataset.targets` gives them.
        tasks: Whose classes they are.
    """
    truth = _hot(targets, logits.shape[1])
    alike = np.concatenate(
        [
            np.full(len(task.classes), 0.5 if task.several else 1 / len(task.classes))
            for task in tasks
        ]
    )
    softened = (len(truth) * truth + alike) / (len(truth) + 1)

    def loss(log_temperature: float) -> float:
        found = probabilities(logits, tasks, float(np.exp(log_temperature)))
        cost = -np.log(np.maximum(found, _LEAST)) * softened
        if tasks[0].several:
            cost = cost - np.log(np.maximum(1 - found, _LEAST)) * (1 - softened)
        return float(cost.sum(axis=1).mean())

    found = minimize_scalar(loss, bounds=np.log(_RANGE), method="bounded")
    return float(np.exp(found.x))


def calibration_error(found: np.ndarray, targets: np.ndarray, tasks: Sequence[Task]) -> Metric:
    """Return the expected calibration error with its 95 % bootstrap interval.

    `Σ |accuracy − mean confidence| · share of the images`, over 15 bins of equal width (Naeini et
    al. 2015; Guo et al. 2017, arXiv 1706.04599, eq. 3). Where images have several labels, each
    label's yes or no is an answer.

    Args:
        found: Probabilities of test images, `(n, classes)`.
        targets: As for `fit_temperature`.
        tasks: Whose classes they are.
    """
    confidence, right = _answers(found, targets, tasks)
    n = len(found)
    generator = np.random.default_rng(0)
    drawn = [
        _error(confidence[rows].ravel(), right[rows].ravel())
        for rows in generator.integers(0, n, (_RESAMPLES, n))
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Metric(
        name="calibration_error",
        split="test",
        value=_error(confidence.ravel(), right.ravel()),
        low=float(low),
        high=float(high),
        n=n,
    )


def _answers(
    found: np.ndarray, targets: np.ndarray, tasks: Sequence[Task]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the confidence of each answer and whether it is right: (n, answers) each."""
    truth = _hot(targets, found.shape[1])
    if tasks[0].several:
        return np.maximum(found, 1 - found), (found > 0.5) == (truth > 0)
    parts = [(found[:, span], truth[:, span]) for span in spans(tasks)]
    confidence = np.stack([own.max(axis=1) for own, _ in parts], axis=1)
    right = [own.argmax(axis=1) == true.argmax(axis=1) for own, true in parts]
    return confidence, np.stack(right, axis=1)


def _error(confidence: np.ndarray, right: np.ndarray) -> float:
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, confidence - right, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def _hot(targets: np.ndarray, n_classes: int) -> np.ndarray:
    return targets.astype(float) if targets.ndim == 2 else np.eye(n_classes)[targets]
