"""Pictures that no model was made for, to measure whether it notices. Made here, from code."""

from __future__ import annotations

import string

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dashboard.core.images import fit

N_PICTURES = 100
"""Of each kind."""

_LETTERS = sorted(set(string.ascii_uppercase) - set("BDGIOQSZ"))  # without those like digits
_CANVAS = 96


def foreign_pictures(height: int, width: int, channels: int) -> dict[str, np.ndarray]:
    """Return kind → pictures of it, uint8 (100, height, width, channels), always the same.

    `noise`: every value drawn by itself. `colour`: one colour all over. `letters`: a printed
    letter, none that is like a digit. `photos`: parts of two photographs, of a temple and of a
    flower, that scikit-learn brings along.
    """
    generator = np.random.default_rng(0)
    shape = (N_PICTURES, height, width, channels)
    colours = generator.integers(0, 256, (N_PICTURES, 1, 1, channels), np.uint8)
    return {
        "noise": generator.integers(0, 256, shape, np.uint8),
        "colour": np.broadcast_to(colours, shape).copy(),
        "letters": _fitted(_letters(generator), shape),
        "photos": _fitted(_photos(generator), shape),
    }


def _fitted(pictures: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    return np.stack([fit(picture, *shape[1:]) for picture in pictures])


def _letters(generator: np.random.Generator) -> list[np.ndarray]:
    return [_letter(str(generator.choice(_LETTERS)), generator) for _ in range(N_PICTURES)]


def _letter(letter: str, generator: np.random.Generator) -> np.ndarray:
    dark, light = generator.integers(0, 60, 3), generator.integers(195, 256, 3)
    paper, ink = (dark, light) if generator.random() < 0.5 else (light, dark)
    image = Image.new("RGB", (_CANVAS, _CANVAS), tuple(paper.tolist()))
    font = ImageFont.load_default(int(generator.integers(60, 90)))
    centre = (_CANVAS / 2 + generator.normal(0, 5), _CANVAS / 2 + generator.normal(0, 5))
    ImageDraw.Draw(image).text(centre, letter, tuple(ink.tolist()), font, anchor="mm")
    return np.asarray(image)


def _photos(generator: np.random.Generator) -> list[np.ndarray]:
    from sklearn.datasets import load_sample_images

    parts = []
    for photo in load_sample_images().images:
        for _ in range(N_PICTURES // 2):
            side = int(generator.integers(64, 320))
            top = int(generator.integers(0, photo.shape[0] - side))
            left = int(generator.integers(0, photo.shape[1] - side))
            parts.append(photo[top : top + side, left : left + side])
    return parts
