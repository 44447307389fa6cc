"""Rare classes: how much each class counts in training."""

from __future__ import annotations

import numpy as np


def class_weights(targets: np.ndarray, n_classes: int) -> np.ndarray:
    """Return `n / (classes present · n of the class)` for each class: they count the same.

    As scikit-learn's "balanced" (King & Zeng 2001, "Logistic regression in rare events data").

    Args:
        targets: Class index of each training image, (n,).
        n_classes: Number of classes; one without images weighs 1.

    Returns:
        float32 (classes,).
    """
    counts = np.bincount(targets, minlength=n_classes)
    present = int((counts > 0).sum())
    weights = len(targets) / (present * np.maximum(counts, 1))
    return np.where(counts > 0, weights, 1.0).astype(np.float32)


def balanced_shares(targets: np.ndarray) -> np.ndarray:
    """Return how often to draw each image so that every class is drawn equally often.

    Returns:
        float64 (n,), sums to 1.
    """
    counts = np.bincount(targets)
    shares = 1.0 / counts[targets]
    found: np.ndarray = shares / shares.sum()
    return found


def repeat_shares(counts: np.ndarray) -> np.ndarray:
    """Return the share of each class's draws that repeat an image, every class drawn equally often.

    In an epoch of `n` draws each of the `k` classes present comes `n / k` times, which for a class
    of `n_c` images are `max(0, n / k − n_c)` repeats. A rare class so consists mostly of changed
    copies if the repeats are augmented, and one of more than `n / k` images of none (oversampling
    by augmentation, Shorten & Khoshgoftaar 2019, "A survey on Image Data Augmentation").

    Args:
        counts: Training images of each class.

    Returns:
        float64 (classes,), in [0, 1).
    """
    counts = np.asarray(counts, np.float64)
    drawn = counts.sum() / (counts > 0).sum()
    found: np.ndarray = np.where(counts > 0, np.maximum(0, 1 - counts / drawn), 0)
    return found


def effective_shares(counts: np.ndarray, weighted: bool, sampled: bool) -> np.ndarray:
    """Return the share of the loss that falls on each class: float64 (classes,), sums to 1.

    Args:
        counts: Training images of each class.
        weighted: Whether rare classes weigh more.
        sampled: Whether rare classes are drawn more often.
    """
    counts = np.asarray(counts, np.float64)
    inverse = np.divide(1.0, counts, out=np.zeros_like(counts), where=counts > 0)
    shares = counts * (inverse if sampled else 1.0) * (inverse if weighted else 1.0)
    found: np.ndarray = shares / shares.sum()
    return found
