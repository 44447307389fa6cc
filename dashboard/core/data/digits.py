"""scikit-learn's handwritten digits, 1,797 grey pictures of 8×8: data sets that need no file.

`digits` is the set as it is; `digits-multi` shows two or three of them on one canvas;
`digits-tasks` asks two questions of each.

Ref. Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository
(1998). Values 0–16 are scaled to 0–255.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from dashboard.core.data.sources import ArraySource, Member, Source
from dashboard.core.images import encode_png

CANVAS_SIDE = 24
"""Side of a picture of `digits-multi`, in pixels."""

_N_IMAGES = {"train": 800, "val": 100, "test": 100}
_SEED = 20_260_000  # the same pictures everywhere and always
_SIDE = 8


class DigitsSource(Source):
    """The digits one by one, in a folder for each class."""

    def __init__(self) -> None:
        found = [Member(f"{label}/{row:04d}.png", 0, row) for row, label in enumerate(_digits()[1])]
        super().__init__("digits", found)

    def read(self, member: Member) -> bytes:
        """Return one digit as a PNG."""
        return encode_png(_digits()[0][member.key])


def digits_multi() -> Source:
    """Return 1,000 pictures of two or three digits each; their labels are the digits present.

    Digits never overlap. No handwritten digit is used in more than one split.
    """
    pixels, labels = _digits()
    random = np.random.default_rng(_SEED)
    order = random.permutation(len(pixels))
    images: list[np.ndarray] = []
    names: list[tuple[str, ...]] = []
    splits: list[str | None] = []
    start = 0
    for split, n in _N_IMAGES.items():
        share = round(len(order) * n / sum(_N_IMAGES.values()))
        pool, start = order[start : start + share], start + share
        for _ in range(n):
            chosen = random.choice(pool, random.integers(2, 4), replace=False)
            images.append(_canvas(pixels[chosen], random))
            names.append(tuple(sorted({str(labels[row]) for row in chosen})))
            splits.append(split)
    return ArraySource("digits-multi", images, names, splits)


def digits_tasks() -> Source:
    """Return the digits with two labels each: which digit it is, and whether it is odd or even."""
    pixels, labels = _digits()
    names = [(str(label), "odd" if label % 2 else "even") for label in labels]
    splits = [None] * len(labels)
    return ArraySource("digits-tasks", list(pixels), names, splits, tasks=("digit", "parity"))


def _canvas(digits: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return `digits`, uint8 (n, 8, 8), at random places of a canvas, beside each other."""
    canvas = np.zeros((CANVAS_SIDE, CANVAS_SIDE), np.uint8)
    taken: list[np.ndarray] = []
    while len(taken) < len(digits):
        place = random.integers(0, CANVAS_SIDE - _SIDE + 1, 2)
        if all(np.abs(place - other).max() >= _SIDE for other in taken):
            y, x = place
            canvas[y : y + _SIDE, x : x + _SIDE] = digits[len(taken)]
            taken.append(place)
    return canvas


@cache
def _digits() -> tuple[np.ndarray, list[int]]:
    """Return pixels, uint8 (1797, 8, 8), and labels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return np.round(found.images * (255 / 16)).astype(np.uint8), found.target.tolist()
