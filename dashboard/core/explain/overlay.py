"""Lays a heatmap over its image. Pillow only, so the web process can draw."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image

from dashboard.core.errors import InvalidInput

# Stops of the colour scale, heat 0 → 1. Lightness rises steadily from dark violet to pale yellow,
# so the order of the colours is also seen in grey and by colour-blind readers.
STOPS = ((30, 12, 70), (125, 30, 110), (205, 70, 70), (248, 150, 40), (252, 245, 165))


def overlay(image_png: bytes, heatmap_png: bytes, opacity: float) -> bytes:
    """Return the image with the heatmap over it, as PNG.

    Args:
        image_png: What the network sees.
        heatmap_png: 8-bit grey of the same size, 0 = cold, 255 = hottest.
        opacity: How strongly the hottest place is covered, from 0 to 1. Colder places are
            covered less in proportion, so that what does not count stays visible.
    """
    if not 0 <= opacity <= 1:
        raise InvalidInput(
            "`opacity` must be a number from 0 to 1; received {value}.",
            code="invalid_opacity",
            value=str(opacity),
        )
    image = Image.open(io.BytesIO(image_png)).convert("RGB")
    heatmap = Image.open(io.BytesIO(heatmap_png)).convert("L")
    alpha = heatmap.point([round(opacity * heat) for heat in range(256)])
    return _png(Image.composite(colorize(heatmap), image, alpha))


def colorize(heatmap: Image.Image) -> Image.Image:
    """Return an 8-bit grey heatmap in the colours of `STOPS`, as RGB."""
    return Image.fromarray(_scale()[np.asarray(heatmap)])


@cache
def _scale() -> np.ndarray:
    """uint8 (256, 3): the colour of each heat."""
    heat = np.linspace(0, len(STOPS) - 1, 256)
    channels = [np.interp(heat, range(len(STOPS)), channel) for channel in zip(*STOPS, strict=True)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
