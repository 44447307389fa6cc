"""What a network makes of images: its logits, and what its last layer sees. No TensorFlow here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Outputs(NamedTuple):
    """Of n images.

    Attributes:
        logits: float32 (n, classes).
        features: What goes into the last layer, float32 (n, d): by these images are compared.
    """

    logits: np.ndarray
    features: np.ndarray
