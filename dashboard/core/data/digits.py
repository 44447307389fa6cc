"""scikit-learn's handwritten digits, 1,797 grey pictures of 8×8: a data set that needs no file.

Ref. Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository
(1998). Values 0–16 are scaled to 0–255.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from dashboard.core.images import encode_png


def digit_paths() -> list[str]:
    """Return a path for each digit, such as `"7/0042.png"`, in scikit-learn's order."""
    return [f"{label}/{row:04d}.png" for row, label in enumerate(_digits()[1])]


def read_digit(row: int) -> bytes:
    """Return digit number `row` as a PNG."""
    return encode_png(_digits()[0][row])


@cache
def _digits() -> tuple[np.ndarray, list[int]]:
    """Return pixels, uint8 (1797, 8, 8), and labels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return np.round(found.images * (255 / 16)).astype(np.uint8), found.target.tolist()
