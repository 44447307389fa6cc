"""Untrusted bytes → pixels: the one decoder, used by import, serving and the widget alike.

Decided once, here: JPEG (with MPO), PNG, GIF, WebP, BMP and TIFF are read, by content, whatever
the file is called. Pictures come out upright, in sRGB, on white (`colours` has the rules), first
frame only. A picture that had to be changed in a way a person may care about carries a note.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from dashboard.core.colours import to_rgb
from dashboard.core.errors import (
    InvalidInput,
    LightboxError,
    NotFound,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)
from dashboard.core.floods import is_flood
from dashboard.core.text import mark

MAX_BYTES = 10 * 2**20
"""Largest file, in bytes."""

MAX_PIXELS = 25_000_000
"""Largest width × height: 75 MB once decoded."""

MIN_SIDE, MAX_SIDE = 8, 16_384
"""Smallest and largest side, in pixels."""

EXTREME_ASPECT = 8
"""Beyond this ratio of the sides a centred square shows less than an eighth of the picture."""

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R 601: how much red, green and blue weigh in a grey value."""

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")  # Pillow's JPEG reader also opens MPO

_FOREIGN = (
    (4, b"ftypavi", "AVIF"),
    (4, b"ftyp", "HEIC"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cjP", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"8BPS", "Photoshop"),
    (0, b"icns", "ICNS"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"SIMPLE  =", "FITS"),
    (0, b"\x89HDF", "HDF5"),
    (0, b"PK\3\4", "ZIP"),
)  # offset, first bytes, name

_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}  # EXIF orientation → what undoes it
_ORIENTATION_TAG = 0x0112

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow's own guard, behind ours: also checks GIF frames
warnings.filterwarnings("ignore", module=r"PIL\.")  # of rubbish in metadata, which costs nothing
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Note:
    """Something worth telling about input that was accepted.

    Attributes:
        code: Short stable identifier for programs, such as `"first_frame"`.
        template: English sentence with `{gaps}`, a key of the text catalogue.
        values: What fills the gaps.
    """

    code: str
    template: str
    values: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` needs."""
        return {"code": self.code, "template": self.template, "values": self.values}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Note:
        """Rebuild a note written by `to_json`."""
        return Note(**data)


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """One picture, ready for a model.

    Attributes:
        pixels: uint8 (h, w, 3), RGB, upright, read-only.
        format: What the bytes are: `"JPEG"`, `"MPO"`, `"PNG"`, `"GIF"`, `"WEBP"`, `"BMP"` or
            `"TIFF"`.
        mode: Pillow's name of the stored colours, such as `"L"`, `"RGB"`, `"CMYK"`.
        exact: Whether `pixels` are the stored values, neither turned nor converted.
        notes: What was changed.
    """

    pixels: np.ndarray
    format: str
    mode: str
    exact: bool
    notes: tuple[Note, ...]


def decode(content: bytes, max_bytes: int = MAX_BYTES) -> DecodedImage:
    """Decode a picture of unknown origin.

    Args:
        content: The file, whole.
        max_bytes: Largest length accepted; our own lossless copies may be larger than uploads.

    Raises:
        UnsupportedMedia: Not a picture (`not_an_image`), or a kind that is not read
            (`unsupported_format`).
        TooLarge: Over `max_bytes` (`too_large`) or `MAX_PIXELS` (`too_many_pixels`).
        InvalidInput: `truncated`, `broken_image`, `too_small`, `bad_dimensions` or `non_finite`.
        Unavailable: Not enough memory just now (`out_of_memory`).
    """
    if len(content) > max_bytes:
        raise file_too_large(len(content), max_bytes)
    with _plain_errors(content), _open(content) as image:
        _check_size(*image.size)
        image.load()
        form, mode = image.format or "", image.mode
        pixels, scale, exact = to_rgb(image)
        notes = [*_shape_notes(*image.size), *_scale_notes(scale), *_frame_notes(image)]
        turn = _UPRIGHT.get(_orientation(image))
    if turn:
        pixels, exact = np.ascontiguousarray(turn(pixels)), False
    pixels.flags.writeable = False
    return DecodedImage(pixels, form, mode, exact, tuple(notes))


def n_pixels(content: bytes) -> int:
    """Return how many pixels a picture says it has; 0 where that cannot be read."""
    try:
        with _open(content) as image:
            return image.width * image.height
    except Exception:  # `decode` finds out what is wrong
        return 0


def read_file(path: Path) -> bytes:
    """Return the bytes of a picture on this machine, for `decode`.

    Raises:
        NotFound: There is no such file (`image_not_found`).
        TooLarge: It has more than `MAX_BYTES`; it is not read.
    """
    if not path.is_file():
        raise NotFound(
            "There is no file “{path}”. Give the path of a picture.",
            code="image_not_found",
            path=os.fsencode(path).decode(errors="replace")[:200],
        )
    if path.stat().st_size > MAX_BYTES:
        raise file_too_large(path.stat().st_size)
    return path.read_bytes()


def file_too_large(n_bytes: int, max_bytes: int = MAX_BYTES) -> TooLarge:
    """Return the error for a file of `n_bytes`."""
    return TooLarge(
        "The file is {size} MB; pictures may have up to {limit} MB. Make it smaller and try again.",
        size=round(n_bytes / 2**20, 2),
        limit=max_bytes // 2**20,
    )


def fit(pixels: np.ndarray, height: int, width: int, channels: int) -> np.ndarray:
    """Crop the middle to the aspect ratio asked for, then scale it.

    Bilinear, averaging over the pixels that fall together when it gets smaller; at the edge of
    the crop that includes a little of what lies outside.

    Args:
        pixels: uint8 (h, w, 3).
        height: Of the result, in pixels.
        width: Of the result, in pixels.
        channels: 3, or 1 for luminance (ITU-R 601).

    Returns:
        uint8 (height, width, channels).
    """
    box = crop_box(pixels, height, width)
    image = Image.fromarray(pixels)
    if channels == 1:
        image = image.convert("L")
    image = image.resize((width, height), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    return np.asarray(image).reshape(height, width, channels)


def crop_box(pixels: np.ndarray, height: int, width: int) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom, in pixels, of the part that `fit` scales."""
    h, w = pixels.shape[:2]
    scale = min(h / height, w / width)
    # Rounding may leave -1e-14 here, which Pillow refuses.
    left, top = max((w - width * scale) / 2, 0.0), max((h - height * scale) / 2, 0.0)
    return left, top, min(left + width * scale, w), min(top + height * scale, h)


def for_eyes(pixels: np.ndarray, least: int, most: int) -> np.ndarray:
    """Return a picture whose longer side has about `least` to `most` pixels, to be shown.

    Small ones are enlarged without smoothing, so that their pixels can be seen.

    Args:
        pixels: uint8 (h, w, c).
        least: A picture is enlarged a whole number of times while it stays within it.
        most: A larger one is scaled down to it.
    """
    times = least // max(pixels.shape[:2])
    if times > 1:
        return pixels.repeat(times, axis=0).repeat(times, axis=1)
    image = _image(pixels)
    image.thumbnail((most, most))
    return np.asarray(image).reshape(image.height, image.width, -1)


def encode_png(pixels: np.ndarray) -> bytes:
    """Return `pixels`, uint8 (h, w, 3), (h, w, 1) or (h, w), as a PNG without metadata."""
    return _encode(pixels, "PNG")


def encode_jpeg(pixels: np.ndarray, quality: int = 90) -> bytes:
    """Return `pixels`, uint8 (h, w, 3), (h, w, 1) or (h, w), as a JPEG without metadata."""
    return _encode(pixels, "JPEG", quality=quality)


def _encode(pixels: np.ndarray, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    _image(pixels).save(out, form, **options)
    return out.getvalue()


def _image(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)


@contextmanager
def _plain_errors(content: bytes) -> Iterator[None]:
    try:
        yield
    except LightboxError:
        raise
    except UnidentifiedImageError:
        raise _not_read(content) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except MemoryError:
        raise Unavailable(
            "There is not enough memory for this picture just now. Try a smaller one.",
            code="out_of_memory",
        ) from None
    except Exception as error:  # Pillow's readers raise nearly anything on hostile bytes
        raise _broken(error) from error


def _not_read(content: bytes) -> LightboxError:
    for offset, magic, name in _FOREIGN:
        if content.startswith(magic, offset):
            return _foreign(name)
    if b"<svg" in content[:1024].lower():
        return _foreign("SVG")
    return UnsupportedMedia(
        "The file is not a picture that can be read. Choose a JPEG, PNG, WebP, GIF, BMP or TIFF.",
        code="not_an_image",
    )


def _foreign(name: str) -> LightboxError:
    return UnsupportedMedia(
        "The file is in the {format} format, which is not read here. Convert it to JPEG or PNG "
        "and try again.",
        code="unsupported_format",
        format=name,
    )


def _broken(error: Exception) -> LightboxError:
    if isinstance(error, EOFError) or "truncated" in str(error).lower():
        return InvalidInput(
            "The picture is incomplete: its end is missing. Copy or download it again.",
            code="truncated",
        )
    return InvalidInput(
        "The picture is damaged and cannot be decoded. Save it again as JPEG or PNG and retry.",
        code="broken_image",
    )


def _too_many_pixels() -> LightboxError:
    return TooLarge(
        "The picture has more than {limit} million pixels. Make it smaller and try again.",
        code="too_many_pixels",
        limit=MAX_PIXELS // 1_000_000,
    )


def _open(content: bytes) -> Image.Image:
    if is_flood(content):
        raise _broken(ValueError("too many parts"))
    return Image.open(io.BytesIO(content), formats=_FORMATS)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_many_pixels()
    if max(width, height) > MAX_SIDE:
        raise InvalidInput(
            "The picture is {width} × {height} pixels; a side may have up to {limit}. "
            "Crop it and try again.",
            code="bad_dimensions",
            width=width,
            height=height,
            limit=MAX_SIDE,
        )
    if min(width, height) < MIN_SIDE:
        raise InvalidInput(
            "The picture is {width} × {height} pixels; it needs at least {limit} on each side. "
            "Choose a larger one.",
            code="too_small",
            width=width,
            height=height,
            limit=MIN_SIDE,
        )


def _shape_notes(width: int, height: int) -> list[Note]:
    if max(width, height) <= EXTREME_ASPECT * min(width, height):
        return []
    template = mark("The picture is {width} × {height} pixels, so only a small part is looked at.")
    return [Note("extreme_aspect", template, {"width": width, "height": height})]


def _scale_notes(scale: tuple[float, float] | None) -> list[Note]:
    if scale is None:
        return []
    template = mark("The picture's values from {low:g} to {high:g} were mapped to 0 to 255.")
    return [Note("rescaled", template, {"low": scale[0], "high": scale[1]})]


def _frame_notes(image: Image.Image) -> list[Note]:
    """Tell of further frames, without counting them where that means reading them all."""
    try:
        if not getattr(image, "is_animated", False):
            return []
        if image.format in ("GIF", "TIFF"):
            return [Note("first_frame", mark("Of several frames only the first was used."), {})]
        template = mark("Of {frames} frames only the first was used.")
        return [Note("first_frame", template, {"frames": int(getattr(image, "n_frames", 1))})]
    except Exception:  # the first frame is decoded: rubbish behind it does not matter
        return []


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION_TAG)
    except Exception:  # EXIF is optional: rubbish in it must not cost the picture
        return 1
    return value if isinstance(value, int) else 1
