"""What training sees of given images."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from dashboard.core.data.augmentation.augmenter import Augmenter


def applied(
    strengths: Mapping[str, float], images: np.ndarray, seed: int = 0, batch: int = 8
) -> tuple[np.ndarray, np.ndarray]:
    """Change images, float32 (n, h, w, c), batch by batch; image i has the label i."""
    augment, labels = Augmenter(strengths, seed), np.eye(len(images), dtype=np.float32)
    changed = [
        augment(tf.constant(images[start : start + batch]), labels[start : start + batch], step)
        for step, start in enumerate(range(0, len(images), batch))
    ]
    return np.concatenate([i for i, _ in changed]), np.concatenate([m for _, m in changed])


def augmented(strengths: Mapping[str, float], images: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the images alone."""
    return applied(strengths, images, seed)[0]
