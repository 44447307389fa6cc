"""Metrics with the number of images and the interval that belong to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import binomtest

from dashboard.core.models.card import Metric
from dashboard.core.models.probabilities import best
from dashboard.core.tasks import Task, kind_of, spans


def share_with_interval(name: str, hits: int, n: int, split: str) -> Metric:
    """Return the share of `hits` among `n` images with its 95 % Wilson score interval.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    interval = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    return Metric(name=name, split=split, value=hits / n, low=interval.low, high=interval.high, n=n)


def single_label_metrics(
    logits: np.ndarray, targets: np.ndarray, split: str, resamples: int = 1000
) -> tuple[Metric, ...]:
    """Return accuracy (Wilson) and macro F1 (percentile bootstrap) with 95 % intervals.

    Args:
        logits: `(n, classes)`.
        targets: Class index of each image, `(n,)`.
        split: Which images these are.
        resamples: Bootstrap resamples for F1, drawn with a fixed seed.
    """
    predicted = logits.argmax(axis=1)
    correct = int((predicted == targets).sum())
    accuracy = share_with_interval("accuracy", correct, len(targets), split)
    generator = np.random.default_rng(0)
    scores = [
        _macro_f1(targets[chosen], predicted[chosen], logits.shape[1])
        for chosen in generator.integers(0, len(targets), (resamples, len(targets)))
    ]
    low, high = np.quantile(scores, (0.025, 0.975))
    f1 = Metric(
        name="macro_f1",
        split=split,
        value=_macro_f1(targets, predicted, logits.shape[1]),
        low=float(low),
        high=float(high),
        n=len(targets),
    )
    return accuracy, f1


def multi_label_metrics(
    logits: np.ndarray, targets: np.ndarray, split: str, resamples: int = 1000
) -> tuple[Metric, ...]:
    """Return the share of images with every label right (Wilson) and macro F1 (bootstrap).

    A label is given where its probability is above one half, so its logit above 0.

    Args:
        logits: `(n, classes)`.
        targets: 1 where a label applies, `(n, classes)`.
        split: Which images these are.
        resamples: Bootstrap resamples for F1, drawn with a fixed seed.
    """
    given, true = logits > 0, targets > 0
    correct = int((given == true).all(axis=1).sum())
    accuracy = share_with_interval("accuracy", correct, len(true), split)
    generator = np.random.default_rng(0)
    scores = [
        _label_f1(given[chosen], true[chosen])
        for chosen in generator.integers(0, len(true), (resamples, len(true)))
    ]
    low, high = np.quantile(scores, (0.025, 0.975))
    f1 = Metric(
        name="macro_f1",
        split=split,
        value=_label_f1(given, true),
        low=float(low),
        high=float(high),
        n=len(true),
    )
    return accuracy, f1


def multi_task_metrics(
    tasks: Sequence[Task], logits: np.ndarray, targets: np.ndarray, split: str
) -> tuple[Metric, ...]:
    """Return the share of images with every task right (Wilson), then the metrics of each task.

    Args:
        tasks: Whose classes follow each other in `logits`.
        logits: `(n, classes)`.
        targets: 1 where a label applies, one of each task, `(n, classes)`.
        split: Which images these are.
    """
    correct = int((best(logits, tasks) == best(targets, tasks)).all(axis=1).sum())
    found = [share_with_interval("accuracy", correct, len(targets), split)]
    for task, span in zip(tasks, spans(tasks), strict=True):
        own = single_label_metrics(logits[:, span], targets[:, span].argmax(axis=1), split)
        found += [metric.model_copy(update={"task": task.name}) for metric in own]
    return tuple(found)


def metrics_for(
    tasks: Sequence[Task], logits: np.ndarray, targets: np.ndarray, split: str
) -> tuple[Metric, ...]:
    """Return the metrics that suit `tasks`; `targets` as `Dataset.targets` gives them."""
    kind = kind_of(tasks)
    if kind == "multi_task":
        return multi_task_metrics(tasks, logits, targets, split)
    measure = single_label_metrics if kind == "single_label" else multi_label_metrics
    return measure(logits, targets, split)


def confusion(
    tasks: Sequence[Task], logits: np.ndarray, targets: np.ndarray
) -> tuple[tuple[int, ...], ...]:
    """Count the images by true and predicted class; nothing unless each has one class.

    The arguments are those of `metrics_for`.
    """
    if kind_of(tasks) != "single_label":
        return ()
    pairs = _pairs(targets, logits.argmax(axis=1), logits.shape[1])
    return tuple(tuple(row) for row in pairs.tolist())


def _label_f1(given: np.ndarray, true: np.ndarray) -> float:
    """Mean over the labels that occur of `2·TP / (2·TP + FP + FN)`."""
    hits, occurring = (given & true).sum(axis=0), given.sum(axis=0) + true.sum(axis=0)
    seen = occurring > 0
    return float((2 * hits[seen] / occurring[seen]).mean())


def _macro_f1(targets: np.ndarray, predicted: np.ndarray, n_classes: int) -> float:
    """Mean over the classes that occur of `2·TP / (2·TP + FP + FN)`.

    As scikit-learn's `f1_score`, which takes 1 ms and is called 1000 times for an interval.
    """
    pairs = _pairs(targets, predicted, n_classes)
    occurring = pairs.sum(axis=0) + pairs.sum(axis=1)
    seen = occurring > 0
    return float((2 * pairs.diagonal()[seen] / occurring[seen]).mean())


def _pairs(targets: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    counts = np.bincount(targets * n_classes + predicted, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes)
