"""Stored copies: every picture is written anew by us, so that it can be served as it lies.

A copy holds pixels and nothing else: no place, no camera, no profile, nothing after its end.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, JpegImagePlugin

from dashboard.core.data.dataset import THUMB_SIDE
from dashboard.core.data.measure import Measures, measure
from dashboard.core.images import DecodedImage, Note, decode, encode_jpeg, encode_png, fit

_GREY = ("1", "L", "I", "F", "I;16", "I;16B", "I;16L")


@dataclass(frozen=True)
class Copy:
    """One picture as stored.

    Attributes:
        sha256: Of the bytes it came as.
        pixel_hash: Of its pixels; equal for pictures that look exactly the same.
        width: In pixels, upright.
        height: In pixels, upright.
        mode: Its colours as they came, in Pillow's names.
        format: What it came as, such as `"JPEG"`.
        bytes: How many it came as.
        measures: Light, sharpness and perceptual hash.
        file: Relative to the data set's folder.
        notes: What the decoder changed.
    """

    sha256: str
    pixel_hash: str
    width: int
    height: int
    mode: str
    format: str
    bytes: int
    measures: Measures
    file: str
    notes: tuple[Note, ...]


def store_copy(content: bytes, folder: Path) -> Copy:
    """Decode `content` and write its copy, and a thumbnail if it is large, under `folder`.

    Equal bytes share one file, named by their hash. Raises as `images.decode`.
    """
    image = decode(content)
    height, width = image.pixels.shape[:2]
    is_jpeg = image.format in ("JPEG", "MPO")
    name = f"{image.sha256[:2]}/{image.sha256[:24]}{'.jpg' if is_jpeg else '.png'}"
    copy = _jpeg_like(content, image.pixels) if is_jpeg else encode_png(_plain(image))
    _write(folder / "images" / name, copy)
    if max(height, width) > THUMB_SIDE:
        small = _thumb(image.pixels)
        _write(folder / "thumbs" / name, encode_jpeg(small, 85) if is_jpeg else encode_png(small))
    pixel_hash = hashlib.sha256(f"{height}x{width}".encode() + image.pixels.tobytes())
    return Copy(
        image.sha256,
        pixel_hash.hexdigest(),
        width,
        height,
        image.mode,
        image.format,
        len(content),
        measure(image.pixels),
        f"images/{name}",
        image.notes,
    )


def _jpeg_like(content: bytes, pixels: np.ndarray) -> bytes:
    """Encode `pixels` with the quantisation of the original, so that hardly anything is lost."""
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as header:
        assert isinstance(header, JpegImagePlugin.JpegImageFile)
        grey, tables = header.mode == "L", header.quantization
        sampling = JpegImagePlugin.get_sampling(header)
    if header.mode not in ("L", "RGB"):  # CMYK has tables of its own
        return encode_jpeg(pixels, 95)
    out = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels[..., 0]) if grey else pixels)
    try:
        image.save(out, "JPEG", qtables=tables, subsampling=-1 if grey else sampling)
    except (ValueError, OSError):  # tables Pillow reads but does not write
        return encode_jpeg(pixels, 95)
    return out.getvalue()


def _plain(image: DecodedImage) -> np.ndarray:
    return image.pixels[..., :1] if image.mode in _GREY else image.pixels


def _thumb(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    scale = THUMB_SIDE / max(height, width)
    return fit(pixels, max(1, round(height * scale)), max(1, round(width * scale)), 3)


def _write(path: Path, content: bytes) -> None:
    """Write into a folder nobody sees yet; it is synchronised as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
