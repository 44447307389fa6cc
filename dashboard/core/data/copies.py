"""Stored copies: pictures as they are served, with pixels and nothing else in them.

No place, no camera, no profile, nothing after their end. What only needs that taken away keeps its
coded pixels; the rest is written anew.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, JpegImagePlugin

from dashboard.core.data.bare import bare
from dashboard.core.data.dataset import THUMB_SIDE
from dashboard.core.data.hashes import pixel_hash
from dashboard.core.data.measure import Measures, measure, shrink
from dashboard.core.data.parts import PACKED_SIDE, write_part
from dashboard.core.data.report import Dropped
from dashboard.core.errors import InvalidInput, TooLarge, UnsupportedMedia
from dashboard.core.images import DecodedImage, Note, decode, encode_jpeg, encode_png, fit

_LOG = logging.getLogger(__name__)
_GREY = ("1", "L", "I", "F", "I;16", "I;16B", "I;16L")


class Copy(NamedTuple):
    """One picture as stored.

    Attributes:
        sha256: Of the bytes it came as.
        pixel_hash: Of its pixels; equal for pictures that look exactly the same.
        width: In pixels, upright.
        height: In pixels, upright.
        mode: Its colours as they came, in Pillow's names.
        format: What it came as, such as `"JPEG"`.
        bytes: How many it came as.
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
    file: str
    notes: tuple[Note, ...]


File = tuple[str, bytes] | Dropped
"""Path inside the source and content, or why nobody should look into it."""


class Copied(NamedTuple):
    """What became of some files.

    Attributes:
        results: In their order.
        measures: Of those that were copied.
        packed: Shape (n, h, w, c) of what was packed of those that were copied, if it was.
    """

    results: list[Copy | Dropped]
    measures: list[Measures]
    packed: tuple[int, ...] | None


def copy_files(files: Sequence[File], folder: Path, row: int) -> Copied:
    """Write the copies of those files that hold a picture, and pack them if they are small.

    Args:
        files: A part of what is imported.
        folder: Of the new version. Equal bytes share one file in it, named by their hash.
        row: Where in a pack the first of them goes.
    """
    results: list[Copy | Dropped] = []
    small: list[np.ndarray] = []
    for file in files:
        if isinstance(file, Dropped):
            results.append(file)
            continue
        path, content = file
        try:
            image = decode(content)
            results.append(_store(content, image, folder))
            small.append(shrink(image.pixels))
        except (InvalidInput, UnsupportedMedia, TooLarge) as error:  # the file's own fault
            results.append(Dropped.because(path, error))
        except (ArithmeticError, LookupError, TypeError, ValueError):  # a fault of ours or Pillow's
            _LOG.exception("cannot store one file")
            results.append(_unprocessable(path))
    copies = [result for result in results if isinstance(result, Copy)]
    return Copied(results, measure(small), _pack(folder, row, copies, small))


def _pack(
    folder: Path, row: int, copies: Sequence[Copy], pixels: Sequence[np.ndarray]
) -> tuple[int, ...] | None:
    sizes = {(copy.height, copy.width) for copy in copies}
    if len(sizes) != 1 or max(max(sizes)) > PACKED_SIDE:
        return None
    grey = all(copy.mode in _GREY for copy in copies)
    stacked = np.stack([picture[..., :1] for picture in pixels] if grey else pixels)
    write_part(folder, row, stacked)
    return stacked.shape


def _unprocessable(path: str) -> Dropped:
    error = InvalidInput(
        "The picture could not be processed. Save it again as JPEG or PNG and retry.",
        code="unprocessable",
    )
    return Dropped.because(path, error)


def _store(content: bytes, image: DecodedImage, folder: Path) -> Copy:
    """Write the copy of `content`, which decodes to `image`, and a thumbnail if it is large."""
    height, width = image.pixels.shape[:2]
    sha256 = hashlib.sha256(content).hexdigest()
    is_jpeg = image.format in ("JPEG", "MPO")
    name = f"{sha256[:2]}/{sha256[:24]}{'.jpg' if is_jpeg else '.png'}"
    kept = bare(content) if image.exact else None
    _write(f"{folder}/images/{name}", kept or _anew(content, image, is_jpeg))
    if max(height, width) > THUMB_SIDE:
        small = _thumb(image.pixels)
        _write(f"{folder}/thumbs/{name}", encode_jpeg(small, 85) if is_jpeg else encode_png(small))
    return Copy(
        sha256,
        pixel_hash(image.pixels),
        width,
        height,
        image.mode,
        image.format,
        len(content),
        f"images/{name}",
        image.notes,
    )


def _anew(content: bytes, image: DecodedImage, is_jpeg: bool) -> bytes:
    if is_jpeg:
        return _jpeg_like(content, image.pixels)
    return encode_png(image.pixels[..., :1] if image.mode in _GREY else image.pixels)


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


def _thumb(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    scale = THUMB_SIDE / max(height, width)
    return fit(pixels, max(1, round(height * scale)), max(1, round(width * scale)), 3)


def _write(path: str, content: bytes) -> None:
    """Write into a folder nobody sees yet; it is synchronised as a whole."""
    try:
        file = open(path, "wb", buffering=0)  # noqa: SIM115  closed below
    except FileNotFoundError:  # the first of its folder
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "wb", buffering=0)  # noqa: SIM115
    with file:
        rest = memoryview(content)
        while rest:  # a disk that is nearly full takes a part first
            rest = rest[file.write(rest) :]
