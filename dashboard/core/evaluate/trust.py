"""Measures how far a model's answers can be trusted, from what it says of held-out images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import mannwhitneyu

from dashboard.core.evaluate import conformal
from dashboard.core.evaluate.calibration import calibration_error, fit_temperature
from dashboard.core.evaluate.metrics import share_with_interval
from dashboard.core.models.card import Coverage, Metric, Trust
from dashboard.core.models.outputs import Outputs
from dashboard.core.models.probabilities import probabilities
from dashboard.core.models.reference import Reference
from dashboard.core.tasks import Task, spans

_KNOWN = 0.95
"""Share of the validation images that must not be taken for unknown."""

_RESAMPLES = 200


def measure_trust(
    tasks: Sequence[Task],
    reference: Reference,
    val: Outputs,
    val_targets: np.ndarray,
    test: Outputs,
    test_targets: np.ndarray,
    foreign: Mapping[str, Outputs],
) -> tuple[float, Trust]:
    """Return the temperature and what can be promised with it.

    The temperature is fitted to every second validation image and the sets are set on the others,
    which nothing else was fitted to; test images are measured on, once.

    Args:
        tasks: Whose classes the logits are.
        reference: Training images to compare with.
        val, val_targets: Validation images; targets as `Dataset.targets` gives them.
        test, test_targets: Test images.
        foreign: Kind → pictures that belong to no class.
    """
    temperature = fit_temperature(val.logits[::2], val_targets[::2], tasks)
    held_out = probabilities(val.logits[1::2], tasks, temperature)
    found = probabilities(test.logits, tasks, temperature)
    before = probabilities(test.logits, tasks)
    least = float(np.quantile(reference.likeness(val.features), 1 - _KNOWN))
    known = reference.likeness(test.features)
    refused, auroc = [_refused(known, least, "test")], []
    for kind, seen in foreign.items():
        likeness = reference.likeness(seen.features)
        refused.append(_refused(likeness, least, kind))
        auroc.append(_auroc(known, likeness, kind))
    trust = Trust(
        n=len(val.logits),
        calibration=(
            calibration_error(before, test_targets, tasks),
            calibration_error(found, test_targets, tasks),
        ),
        coverage=_coverage(tasks, held_out, val_targets[1::2], found, test_targets),
        least_likeness=least,
        refused=tuple(refused),
        auroc=tuple(auroc),
    )
    return temperature, trust


def _coverage(
    tasks: Sequence[Task],
    held_out: np.ndarray,
    targets: np.ndarray,
    found: np.ndarray,
    test_targets: np.ndarray,
) -> tuple[Coverage, ...]:
    if tasks[0].several:
        return ()
    measured = []
    for task, span in zip(tasks, spans(tasks), strict=True):
        true, test_true = _classes(targets, span), _classes(test_targets, span)
        for error in conformal.ERRORS:
            limit = conformal.threshold(held_out[:, span], true, error)
            if limit is not None:
                own = found[:, span]
                measured.append(conformal.coverage(own, test_true, error, limit, task.name))
    return tuple(measured)


def _classes(targets: np.ndarray, span: slice) -> np.ndarray:
    return targets if targets.ndim == 1 else targets[:, span].argmax(axis=1)


def _refused(likeness: np.ndarray, least: float, kind: str) -> Metric:
    return share_with_interval("refused", int((likeness < least).sum()), len(likeness), kind)


def _auroc(known: np.ndarray, foreign: np.ndarray, kind: str) -> Metric:
    """Return how often a known picture is liker than a foreign one; 95 % bootstrap interval."""
    generator = np.random.default_rng(0)
    drawn = [
        _area(generator.choice(known, len(known)), generator.choice(foreign, len(foreign)))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    n = len(known) + len(foreign)
    value = _area(known, foreign)
    return Metric(name="auroc", split=kind, value=value, low=float(low), high=float(high), n=n)


def _area(known: np.ndarray, foreign: np.ndarray) -> float:
    statistic = mannwhitneyu(known, foreign, method="asymptotic").statistic
    return float(statistic / (len(known) * len(foreign)))
