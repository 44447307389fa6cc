"""Every kind of stored colour → sRGB on white.

Colour profiles are converted to sRGB where that works and ignored where it does not.
16-bit grey maps 0–65535 to 0–255. Whole numbers of 32 bits do too while they fit, floating point
maps 0–1 (else 0–255) to 0–255; values outside are stretched from their smallest to their largest.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

from dashboard.core.errors import InvalidInput, LightboxError

_PLAIN = ("RGB", "L", "P", "1")
_STRIP = 256
"""Rows converted at a time: whole, the largest pictures would take 430 MB instead of 250."""

_SMALL = 2**20
"""Pixels that are converted in one go: four copies of them take 12 MB."""


class Rgb(NamedTuple):
    """A picture in sRGB.

    Attributes:
        pixels: uint8 (h, w, 3).
        scale: What became 0 and 255, for pictures of more than 8 bits.
        exact: Whether these are the stored values themselves, for grey ones three times.
    """

    pixels: np.ndarray
    scale: tuple[float, float] | None
    exact: bool


def to_rgb(image: Image.Image) -> Rgb:
    """Return the pixels of a loaded picture, turned as it is stored.

    Raises:
        InvalidInput: Values that are not finite, or leave nothing to scale (`non_finite`).
    """
    scale = _range(image) if _is_deep(image) else None
    transform = None if scale else _srgb_transform(image)
    plain = image.mode in _PLAIN and not image.has_transparency_data
    if plain and not transform and image.width * image.height <= _SMALL:
        return Rgb(np.asarray(image if image.mode == "RGB" else image.convert("RGB")), None, True)
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top, strip in _strips(image):
        part = _rescale(strip, *scale) if scale else _flatten(strip, transform)
        pixels[top : top + _STRIP] = np.asarray(part)
    return Rgb(pixels, scale, plain and not transform)


def _is_deep(image: Image.Image) -> bool:
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    width, height = image.size
    if height <= _STRIP:
        yield 0, image
        return
    for top in range(0, height, _STRIP):
        yield top, image.crop((0, top, width, min(top + _STRIP, height)))


def _simple_mode(image: Image.Image) -> str:
    if image.has_transparency_data:
        return "RGBA"
    return image.mode if image.mode in ("RGB", "L", "CMYK") else "RGB"


def _flatten(strip: Image.Image, transform: ImageCms.ImageCmsTransform | None) -> Image.Image:
    strip = strip.convert(_simple_mode(strip))
    if transform:
        strip = ImageCms.applyTransform(strip, transform) or strip
    if strip.mode != "RGBA":
        return strip.convert("RGB")
    white = Image.new("RGB", strip.size, "white")
    white.paste(strip, mask=strip.getchannel("A"))
    return white


def _srgb_transform(image: Image.Image) -> ImageCms.ImageCmsTransform | None:
    profile = image.info.get("icc_profile")
    if not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        mode = _simple_mode(image)
        target = "RGBA" if mode == "RGBA" else "RGB"
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, target)
    except Exception:  # a profile that does not fit is ignored, as browsers do
        return None


def _rescale(strip: Image.Image, low: float, high: float) -> Image.Image:
    values = np.asarray(strip).astype(np.float64)  # a range may exceed 32 bits
    values = (values - low) * (255 / (high - low)) + 0.5
    return Image.fromarray(values.astype(np.uint8)).convert("RGB")


def _range(image: Image.Image) -> tuple[float, float]:
    """Return what becomes 0 and what becomes 255, by the rules at the top of this file."""
    arrays = (np.asarray(strip) for _, strip in _strips(image))
    ends = np.array([(array.min(), array.max()) for array in arrays], np.float64)
    least, most = float(ends.min()), float(ends.max())  # NaN where there is one
    if not np.isfinite([least, most]).all() or (least == most and image.mode == "F"):
        raise _non_finite()
    if image.mode == "F" and least >= 0 and most <= 255:
        return 0.0, 1.0 if most <= 1 else 255.0
    if image.mode != "F" and least >= 0 and most <= 65535:
        return 0.0, 65535.0
    if least == most:
        raise _non_finite()
    return least, most


def _non_finite() -> LightboxError:
    return InvalidInput(
        "The picture holds values that are not finite numbers, or the same number everywhere. "
        "Save it again as JPEG or PNG and retry.",
        code="non_finite",
    )
