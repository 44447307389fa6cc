"""From logits to probabilities."""

from __future__ import annotations

from typing import Literal

import numpy as np

Task = Literal["single_label", "multi_label"]


def probabilities(logits: np.ndarray, task: Task, temperature: float = 1.0) -> np.ndarray:
    """Return float64 (n, classes): softmax, or where each class is a question of its own, sigmoid.

    Args:
        logits: float (n, classes).
        task: Of the model, as on its card.
        temperature: As for `softmax`.
    """
    if task == "single_label":
        return softmax(logits, temperature)
    scaled = np.asarray(logits, np.float64) / temperature
    found: np.ndarray = 0.5 * (1 + np.tanh(scaled / 2))  # the sigmoid, without overflow
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
