"""What the figures of a run say in words, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dashboard.core.images import Note
from dashboard.core.tasks import Task, class_names
from dashboard.core.text import mark

Curve = Sequence[tuple[int, float]]

RISES, FLAT = 3, 5
"""Epochs of rising validation loss that count as over-fitting; without progress, as a plateau."""

_NOTHING = 0.001
"""Of a loss this is nothing: the answers are right and nearly sure, and it cannot get better."""

FIRST_BATCHES = 50
"""Within so many batches the loss falls below chance, unless the rate is too high or low."""


def notices(
    loss: Curve, val_loss: Curve, confusion: np.ndarray | None, tasks: Sequence[Task]
) -> list[Note]:
    """Return what is worth telling of a run so far.

    Args:
        loss: (step, value) of training batches.
        val_loss: (step, value) after each epoch.
        confusion: The newest, int64 (classes, classes), by true and predicted class.
        tasks: Whose classes they are.
    """
    found = [_rate(loss, tasks), _over_fitting(loss, val_loss), _plateau(loss, val_loss)]
    if confusion is not None and confusion.size and len(val_loss) > 1:
        found.append(_never(confusion, class_names(tasks)))
    return [note for note in found if note]


def _rate(loss: Curve, tasks: Sequence[Task]) -> Note | None:
    """Who knows nothing has a loss of ln(classes), of each task: staying above is a bad sign."""
    if len(loss) < 2 * FIRST_BATCHES:
        return None
    chance = sum(math.log(max(len(task.classes), 2)) for task in tasks)
    recent = float(np.median([value for _, value in loss[-FIRST_BATCHES:]]))
    if recent > 1.2 * chance:
        template = mark(
            "The loss of {loss} is above that of guessing ({chance}): the learning rate is "
            "probably too high. Try a tenth of it."
        )
    elif recent > 0.98 * chance:
        template = mark(
            "The loss of {loss} is still that of guessing ({chance}): nothing is learned. Try a "
            "learning rate ten times lower, or higher if the loss does not move at all."
        )
    else:
        return None
    values = {"loss": f"{recent:.2f}", "chance": f"{chance:.2f}"}
    return Note("rate", template, values)


def _over_fitting(loss: Curve, val_loss: Curve) -> Note | None:
    values = [value for _, value in val_loss]
    best = int(np.argmin(values)) if values else 0
    if len(values) - 1 - best < RISES:
        return None
    if min(values[best + 1 :]) < values[best] * 1.02 + _NOTHING:
        return None
    template = mark(
        "Over-fitting since epoch {epoch}: the validation loss rises while the training loss "
        "falls. Use augmentation, weight decay or early stopping, or fewer epochs."
    )
    fallen = _mean_since(loss, val_loss[-2][0]) < _mean_until(loss, val_loss[best][0])
    return Note("over_fitting", template, {"epoch": best + 1}) if fallen else None


def _plateau(loss: Curve, val_loss: Curve) -> Note | None:
    values = [value for _, value in val_loss]
    if len(values) <= FLAT or _over_fitting(loss, val_loss):
        return None
    if min(values[-FLAT:]) < max(min(values[:-FLAT]) * 0.99, _NOTHING):
        return None
    template = mark(
        "No progress for {n} epochs. Lower the learning rate, choose a schedule that does, or "
        "stop here."
    )
    return Note("plateau", template, {"n": FLAT})


def _never(confusion: np.ndarray, classes: Sequence[str]) -> Note | None:
    missing = np.flatnonzero((confusion.sum(axis=0) == 0) & (confusion.sum(axis=1) > 0))
    if not len(missing):
        return None
    template = mark(
        "These classes are never predicted: {names}. Give them more images, class weights or "
        "balanced sampling, or train longer."
    )
    names = ", ".join(classes[index] for index in missing[:5])
    return Note("never_predicted", template, {"names": names + (" …" if len(missing) > 5 else "")})


def _mean_since(curve: Curve, step: int) -> float:
    return float(np.mean([value for at, value in curve if at > step] or [math.inf]))


def _mean_until(curve: Curve, step: int) -> float:
    values = [value for at, value in curve if at <= step]
    return float(np.mean(values[-FIRST_BATCHES:] or [-math.inf]))
