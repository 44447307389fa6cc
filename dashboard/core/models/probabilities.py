"""From logits to probabilities and answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.core.tasks import Task, spans


def probabilities(
    logits: np.ndarray, tasks: Sequence[Task], temperature: float = 1.0
) -> np.ndarray:
    """Return float64 (n, classes): the softmax over the classes of each task.

    Of a task whose classes do not exclude each other, the sigmoid of each.

    Args:
        logits: float (n, classes), of all tasks.
        tasks: Of the model, as on its card.
        temperature: As for `softmax`.
    """
    parts = [
        (sigmoid if task.several else softmax)(logits[..., span], temperature)
        for task, span in zip(tasks, spans(tasks), strict=True)
    ]
    return np.concatenate(parts, axis=-1)


def best(scores: np.ndarray, tasks: Sequence[Task]) -> np.ndarray:
    """Return the class with the highest score of each task: int64 (n, tasks), among all classes.

    Args:
        scores: (n, classes), of all tasks: logits, probabilities, or 1 where a label applies.
        tasks: Whose classes they are.
    """
    chosen = [span.start + scores[:, span].argmax(axis=1) for span in spans(tasks)]
    return np.stack(chosen, axis=1)


def answers(found: np.ndarray, tasks: Sequence[Task]) -> np.ndarray:
    """Return what is answered: the class of each task, as `best`.

    Where an image may have several classes, which of them it has: bool (n, classes).

    Args:
        found: Probabilities, or 1 where a label applies: (n, classes), of all tasks.
        tasks: Whose classes they are.
    """
    return found > 0.5 if tasks[0].several else best(found, tasks)


def prediction_sets(found: np.ndarray, limit: float) -> np.ndarray:
    """Return the classes among which the true one is, at the rate `limit` was set for.

    Those with `1 − p ≤ limit`, and always the most probable one: nobody can use an empty set, and
    a larger one keeps the promise (`evaluate.conformal`).

    Args:
        found: Probabilities over the classes of one task, (n, classes).
        limit: Of a `Coverage` on the card.

    Returns:
        bool (n, classes).
    """
    chosen = 1 - found <= limit
    chosen[np.arange(len(found)), found.argmax(axis=1)] = True
    return chosen


def sigmoid(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Compute `1 / (1 + exp(−z/T))`, in float64 and without overflow."""
    found: np.ndarray = 0.5 * (1 + np.tanh(np.asarray(logits, np.float64) / temperature / 2))
    return found


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Compute `exp(z/T) / Σ exp(z/T)`, in float64 and without overflow.

    Args:
        logits: float (n, classes). A row with NaN or +∞ gives a row of NaN.
        temperature: `T` of the calibration on the model's card (Guo et al. 2017,
            arXiv 1706.04599). Defaults to 1: no change.

    Returns:
        float64 (n, classes); each row sums to 1.
    """
    with np.errstate(invalid="ignore"):
        scaled = np.asarray(logits, np.float64) / temperature
        exponentials = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        return exponentials / exponentials.sum(axis=-1, keepdims=True)
