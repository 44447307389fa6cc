"""Pictures nobody should send, one function a row of BAD_INPUT.md, generated from code.

`IMAGES` holds what every way into Lightbox must say. A verdict is `"ok"`, a note's code with
`note:` before it, or an error's code; several that are all right are split by `|`.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageCms


class Row(NamedTuple):
    """A file that somebody sends."""

    id: str
    make: Callable[[], bytes]
    verdict: str
    name: str = "picture.png"

    def allows(self, found: str) -> bool:
        return found in self.verdict.split("|")

    @property
    def accepted(self) -> bool:
        return self.verdict == "ok" or self.verdict.startswith("note:")


_STATUS = {
    "not_an_image": 415,
    "unsupported_format": 415,
    "too_large": 413,
    "too_many_pixels": 413,
}


def status_of(found: str) -> int:
    """The HTTP status of a verdict."""
    return 200 if found == "ok" or found.startswith("note:") else _STATUS.get(found, 422)


def noise(height: int = 64, width: int = 64, channels: int = 3, seed: int = 0) -> np.ndarray:
    """uint8 (height, width, channels)."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def smooth(height: int = 64, width: int = 64) -> np.ndarray:
    """A gradient that survives JPEG: uint8 (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 255 / width, y * 255 / height, (x + y) * 127 / (width + height) + 60]
    return np.stack(planes, axis=2).astype(np.uint8)


def saved(image: Image.Image | np.ndarray, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(out, form, **options)
    return out.getvalue()


def jpeg(**options: Any) -> bytes:
    return saved(noise(256, 256), "JPEG", quality=90, **options)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *extra: bytes, bits: int = 8, colour: int = 2, rows: bytes = b""):
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = [png_chunk(b"IHDR", header), *extra, png_chunk(b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + png_chunk(b"IEND", b"")


def small_png(*extra: bytes) -> bytes:
    return png(16, 16, *extra, rows=bytes(16 * (1 + 48)))


def flat(width: int, height: int, form: str = "PNG", mode: str = "L", **options: Any) -> bytes:
    return saved(Image.new(mode, (width, height), "white"), form, **options)


def broken_crc() -> bytes:
    return small_png()[:29] + b"\0\0\0\0" + small_png()[33:]


def oriented(orientation: Any, form: str = "JPEG") -> bytes:
    """A picture that is upright once its EXIF orientation is obeyed."""
    undo = [None, 0, 3, 1, 5, 2, 6, 4]  # Pillow's transposes that turn upright into stored
    image = Image.fromarray(smooth(48, 64))
    if isinstance(orientation, int) and 2 <= orientation <= 8:
        image = image.transpose(Image.Transpose(undo[orientation - 1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(image, form, exif=exif, quality=95)


def with_exif(exif: bytes) -> bytes:
    return saved(smooth(), "JPEG", exif=b"Exif\0\0" + exif)


def with_gps() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.6)
    exif[0x010F] = "SecretCamera"
    return saved(smooth(), "JPEG", exif=exif)


def with_profile(profile: bytes, mode: str = "RGB") -> bytes:
    return saved(Image.fromarray(smooth()).convert(mode), "JPEG", icc_profile=profile)


def lab_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def wide_profile(primaries: str) -> bytes:
    """An sRGB profile with other primaries, given as they are seen in D50."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag, colour in zip((b"rXYZ", b"gXYZ", b"bXYZ"), PRIMARIES[primaries], strict=True):
        place = profile.index(tag) + 4
        (start,) = struct.unpack_from(">I", profile, place)
        struct.pack_into(">3i", profile, start + 8, *(round(value * 65536) for value in colour))
    name = profile.index("sRGB".encode("utf-16-be"))
    profile[name : name + 8] = "wide".encode("utf-16-be")
    return bytes(profile)


def cmyk() -> bytes:
    return saved(Image.fromarray(smooth()).convert("CMYK"), "JPEG", quality=95)


def ycck() -> bytes:
    """Adobe's other way to store inverted CMYK: three of its planes as YCbCr, marked with a 2."""
    planes = np.asarray(Image.fromarray(smooth()).convert("CMYK"))
    ycc = np.asarray(Image.fromarray(planes[..., :3]).convert("YCbCr"))
    stored = np.concatenate([255 - ycc, planes[..., 3:]], axis=2)
    content = saved(Image.fromarray(stored, "CMYK"), "JPEG", quality=95)
    place = content.index(b"Adobe") + 11
    return content[:place] + b"\2" + content[place + 1 :]


def with_thumbnails(n: int = 3) -> bytes:
    """A JPEG with `n` more in front of its own pixels."""
    small = saved(noise(16, 16), "JPEG")
    segment = b"Exif\0\0II*\0\x08\0\0\0\0\0" + small
    parts = [b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment] * n
    return jpeg()[:2] + b"".join(parts) + jpeg()[2:]


def arithmetic() -> bytes:
    """A JPEG that says it is coded arithmetically, as hardly any program writes it."""
    return jpeg().replace(b"\xff\xc0", b"\xff\xc9", 1)


def pdf_and_jpeg() -> bytes:
    """A JPEG that readers of PDF open too: they look for their mark in the first kilobyte."""
    comment = b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"
    return jpeg()[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + jpeg()[2:]


def animated(form: str, n: int = 3, **options: Any) -> bytes:
    frames = [Image.fromarray(noise(16, 16, seed=seed)) for seed in range(n)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:], **options)


def long_gif(n: int = 100_000) -> bytes:
    one = saved(Image.new("P", (8, 8)), "GIF")
    start = one.index(b",")
    return one[:start] + one[start:-1] * n + b";"


def float_tiff(values: Any) -> bytes:
    return saved(Image.fromarray(np.asarray(values, np.float32)), "TIFF")


def ramp(high: float) -> np.ndarray:
    return np.linspace(0, high, 256).reshape(16, 16)


def odd_float(value: float) -> np.ndarray:
    values = ramp(1)
    values[3, 4] = value
    return values


def deep_png(colour: int = 2) -> bytes:
    channels = 3 if colour == 2 else 1
    row = b"\0" + struct.pack(
        f">{16 * channels}H", *(range(0, 65536, 65536 // (16 * channels)))[: 16 * channels]
    )
    return png(16, 16, bits=16, colour=colour, rows=row * 16)


def clear(alpha: int) -> bytes:
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[..., 3] = alpha
    return saved(pixels)


def clear_palette() -> bytes:
    return saved(Image.new("P", (16, 16)), "PNG", transparency=0)


def cyclic_tiff() -> bytes:
    content = bytearray(saved(noise(16, 16), "TIFF"))
    (ifd,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, ifd)
    struct.pack_into("<I", content, ifd + 2 + 12 * entries, ifd)
    return bytes(content)


def greedy_tiff() -> bytes:
    """Claims strips of 4 GB."""
    content = bytearray(saved(noise(16, 16), "TIFF", compression="tiff_lzw"))
    (ifd,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, ifd)
    for entry in range(ifd + 2, ifd + 2 + 12 * entries, 12):
        if struct.unpack_from("<H", content, entry)[0] == 279:
            struct.pack_into("<HII", content, entry + 2, 4, 1, 0xFFFFFFF0)
    return bytes(content)


def tiled_tiff() -> bytes:
    """Claims tiles of 4 GB: strips under other names."""
    content = bytearray(greedy_tiff())
    (ifd,) = struct.unpack_from("<I", content, 4)
    (entries,) = struct.unpack_from("<H", content, ifd)
    for entry in range(ifd + 2, ifd + 2 + 12 * entries, 12):
        (tag,) = struct.unpack_from("<H", content, entry)
        tile = {273: 324, 279: 325, 278: 322, 284: 323}.get(tag, tag)
        struct.pack_into("<H", content, entry, tile)
        if tile in (322, 323):
            struct.pack_into("<HII", content, entry + 2, 4, 1, 16)
    return bytes(content)


def text_bomb(kind: bytes = b"zTXt") -> bytes:
    head = b"k\0\0" if kind == b"zTXt" else b"k\0\1\0\0\0"
    return small_png(png_chunk(kind, head + zlib.compress(bytes(2 * 2**20))))


def iso_media(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + bytes(200)


def many_scans() -> bytes:
    content = jpeg(progressive=True)
    return content[:-2] + content[content.rindex(b"\xff\xda") : -2] * 100 + content[-2:]


def commented_gif(blocks: bytes) -> bytes:
    content = saved(Image.new("P", (16, 16)), "GIF")
    start = content.index(b",")
    return content[:start] + b"!\xfe" + blocks + b"\0" + content[start:]


TEXT_ORIENTATION = b"II*\0\x08\0\0\0" + struct.pack("<HHHI4sI", 1, 0x0112, 2, 2, b"x\0\0\0", 0)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'
SVG_SCRIPT = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>'
)
PRIMARIES = {
    "Display P3": ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),
    "Adobe RGB": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
}

HOSTILE_NAMES = {
    "300 letters": "a" * 300 + ".png",
    "NUL": "a\0b.png",
    "line break": "a\r\nSet-Cookie: b=c.png",
    "right to left": "gpj.\u202egnp.exe",
    "emoji": "🐈‍⬛.png",
    "up": "../../etc/passwd.png",
    "drive": "C:\\windows\\x.png",
    "device": "CON",
    "option": "-rf",
    "formula": "=1+1.png",
    "script": '<img src=x onerror="alert(1)">.png',
    "markup": "[/red]:red[x] **md** `x` $x$.png",
    "template": "{{7*7}}{0}{name}%s.png",
    "escape": "\x1b[2J\x1b]0;x\x07.png",
    "blank": " ",
}

_CASES: tuple[tuple[Any, ...], ...] = (
    ("I1 empty", lambda: b"", "not_an_image"),
    ("I1 text", lambda: b"hello", "not_an_image"),
    ("I1 random", lambda: noise().tobytes()[:4096], "not_an_image"),
    *(
        (f"I2 cut at {percent} %", lambda p=percent: jpeg()[: len(jpeg()) * p // 100], "truncated")
        for percent in (5, 15, 25, 35, 45, 50, 55, 65, 75, 85, 95)
    ),
    ("I3 header only", lambda: jpeg()[:20], "not_an_image"),
    ("I4 short IDAT", lambda: png(16, 16, rows=bytes(100)), "truncated|broken_image"),
    ("I4 CRC", broken_crc, "not_an_image"),
    ("I5 claims 100000²", lambda: png(100_000, 100_000), "too_many_pixels"),
    ("I6 claims 13000²", lambda: png(13_000, 13_000), "too_many_pixels"),
    ("I6 claims 6000²", lambda: png(6_000, 6_000), "too_many_pixels"),
    ("I7 1-bit 9400²", lambda: flat(9400, 9400, mode="1"), "too_many_pixels"),
    ("I8 24.9 MP", lambda: flat(4990, 4990, "JPEG", "RGB"), "ok"),
    ("I9 1×1", lambda: flat(1, 1), "too_small"),
    ("I9 7×7", lambda: flat(7, 7), "too_small"),
    ("I10 60000×1", lambda: flat(60_000, 1), "bad_dimensions"),
    ("I10 1×60000", lambda: flat(1, 60_000), "bad_dimensions"),
    ("I11 16384×8", lambda: flat(16_384, 8), "note:extreme_aspect"),
    ("I12 32×32", lambda: saved(noise(32, 32)), "ok"),
    ("I13 CMYK", cmyk, "ok"),
    ("I13 YCCK", ycck, "ok"),
    ("I14 gray JPEG", lambda: flat(32, 32, "JPEG"), "ok"),
    ("I14 1-bit", lambda: flat(32, 32, mode="1"), "ok"),
    ("I14 LA", lambda: flat(32, 32, mode="LA"), "ok"),
    ("I15 16-bit PNG", lambda: deep_png(colour=0), "note:rescaled"),
    ("I15 16-bit TIFF", lambda: saved(ramp(65535).astype(np.uint16), "TIFF"), "note:rescaled"),
    ("I15 32-bit TIFF", lambda: saved(ramp(65535).astype(np.int32), "TIFF"), "note:rescaled"),
    ("I15 wide ints", lambda: saved((ramp(2e9) - 1e9).astype(np.int32), "TIFF"), "note:rescaled"),
    ("I16 16-bit RGB", deep_png, "ok"),
    ("I17 float 0..1", lambda: float_tiff(ramp(1)), "note:rescaled"),
    ("I17 float 0..255", lambda: float_tiff(ramp(255)), "note:rescaled"),
    ("I17 float -5..5", lambda: float_tiff(ramp(10) - 5), "note:rescaled"),
    ("I17 widest floats", lambda: float_tiff(ramp(6e38) - 3e38), "note:rescaled"),
    ("I18 NaN", lambda: float_tiff(odd_float(np.nan)), "non_finite"),
    ("I18 inf", lambda: float_tiff(odd_float(np.inf)), "non_finite"),
    ("I18 -inf", lambda: float_tiff(odd_float(-np.inf)), "non_finite"),
    ("I18 constant", lambda: float_tiff(np.full((16, 16), 0.5)), "non_finite"),
    ("I18 all NaN", lambda: float_tiff(np.full((16, 16), np.nan)), "non_finite"),
    ("I19 palette", lambda: flat(32, 32, mode="P"), "ok"),
    ("I19 clear palette", clear_palette, "ok"),
    ("I20 alpha 0", lambda: clear(0), "ok"),
    ("I20 alpha 128", lambda: clear(128), "ok"),
    ("I21 GIF", lambda: animated("GIF"), "note:first_frame"),
    ("I21 WebP", lambda: animated("WEBP"), "note:first_frame"),
    ("I21 APNG", lambda: animated("PNG"), "note:first_frame"),
    ("I21 MPO", lambda: animated("MPO"), "note:first_frame"),
    ("I22 100000 frames", long_gif, "note:first_frame"),
    *((f"I23 {n}", lambda n=n: oriented(n), "ok") for n in range(1, 9)),
    *((f"I24 {n}", lambda n=n: oriented(n), "ok") for n in (0, 9)),
    ("I24 x", lambda: with_exif(TEXT_ORIENTATION), "ok"),
    ("I24 garbage", lambda: with_exif(b"\xff" * 500), "ok"),
    ("I24 64 KB", lambda: with_exif(b"II*\0\x08\0\0\0" + bytes(65_000)), "ok"),
    ("I25 GPS", with_gps, "ok"),
    *((f"I26 {name}", lambda n=name: with_profile(wide_profile(n)), "ok") for name in PRIMARIES),
    ("I26 garbage profile", lambda: with_profile(b"rubbish" * 50), "ok"),
    ("I26 LAB profile", lambda: with_profile(lab_profile()), "ok"),
    ("I26 gray, LAB profile", lambda: with_profile(lab_profile(), "L"), "ok"),
    ("I27 progressive", lambda: jpeg(progressive=True), "ok"),
    ("I27 arithmetic", arithmetic, "broken_image|truncated|ok"),
    ("I27 thumbnails", with_thumbnails, "ok"),
    ("I28 HEIC", lambda: iso_media(b"heic"), "unsupported_format"),
    ("I28 JXL", lambda: b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(50), "unsupported_format"),
    ("I28 JXL bare", lambda: b"\xff\x0a" + bytes(50), "unsupported_format"),
    ("I29 AVIF", lambda: saved(noise(), "AVIF"), "unsupported_format"),
    ("I29 JPEG 2000", lambda: saved(noise(), "JPEG2000"), "unsupported_format"),
    ("I30 SVG", lambda: SVG, "unsupported_format", "picture.svg"),
    ("I30 SVG as PNG", lambda: SVG, "unsupported_format"),
    ("I30 SVG with script", lambda: SVG_SCRIPT, "unsupported_format"),
    ("I31 PS", lambda: b"%!PS\n(/etc/passwd) (r) file\nshowpage\n", "unsupported_format"),
    ("I31 EPS", lambda: saved(noise(), "EPS"), "unsupported_format"),
    ("I31 PDF", lambda: saved(noise(), "PDF"), "unsupported_format"),
    ("I31 PSD", lambda: b"8BPS\0\1" + bytes(100), "unsupported_format"),
    ("I31 ICNS", lambda: saved(noise(), "ICNS"), "unsupported_format"),
    ("I31 FITS", lambda: b"SIMPLE  =                    T".ljust(2880), "unsupported_format"),
    ("I31 HDF5", lambda: b"\x89HDF\r\n\x1a\n" + bytes(100), "unsupported_format"),
    ("I32 JPEG+ZIP", lambda: jpeg() + b"PK\3\4" + bytes(50), "ok"),
    ("I32 PDF/JPEG", pdf_and_jpeg, "ok"),
    ("I32 GIF/JS", lambda: saved(noise(16, 16), "GIF") + b"*/alert(1)", "ok"),
    ("I33 BMP", lambda: saved(noise(), "BMP"), "ok"),
    ("I33 WebP", lambda: saved(noise(), "WEBP"), "ok"),
    ("I33 TIFF", lambda: saved(noise(), "TIFF"), "ok"),
    ("I33 PNG as JPEG", lambda: saved(noise()), "ok", "picture.jpg"),
    ("I33 capitals", jpeg, "ok", "PICTURE.JPG"),
    ("I33 no extension", jpeg, "ok", "picture"),
    ("I34 program", jpeg, "ok", "cat.jpg.exe"),
    ("I34 hidden", jpeg, "ok", ".htaccess"),
    ("I34 page", jpeg, "ok", "cat.html"),
    ("I35 zTXt", text_bomb, "broken_image"),
    ("I35 iTXt", lambda: text_bomb(b"iTXt"), "broken_image"),
    ("I35 100000 tEXt", lambda: small_png(png_chunk(b"tEXt", b"k\0v") * 100_000), "broken_image"),
    ("flood of chunks", lambda: small_png(png_chunk(b"abCd", b"") * 30_000), "broken_image"),
    ("flood of scans", many_scans, "broken_image"),
    ("flood of segments", lambda: b"\xff\xd8" + b"\xff\xfe\0\2" * 30_000 + jpeg(), "broken_image"),
    ("flood of comment", lambda: commented_gif(b"\x01a" * 5 * 10**6), "broken_image"),
    ("long comment", lambda: commented_gif((b"\xff" + b"a" * 255) * 100), "ok"),
    ("I36 pages", lambda: animated("TIFF"), "note:first_frame"),
    ("I36 cyclic", cyclic_tiff, "note:first_frame|ok"),
    ("I36 greedy", greedy_tiff, "truncated|broken_image|ok"),
    ("I36 tiled", tiled_tiff, "truncated|broken_image|ok"),
    ("I37 black", lambda: saved(np.zeros((32, 32, 3), np.uint8)), "ok"),
    ("I37 white", lambda: saved(np.full((32, 32, 3), 255, np.uint8)), "ok"),
    ("I37 noise", lambda: saved(noise()), "ok"),
    *((f"I38 {kind}", lambda: saved(smooth()), "ok", name) for kind, name in HOSTILE_NAMES.items()),
    ("I39 once", lambda: saved(smooth()), "ok"),
    ("I39 twice", lambda: saved(smooth()), "ok"),
    ("I39 coded anew", lambda: saved(smooth(), compress_level=1), "ok"),
    ("I40 10 MB", lambda: jpeg().ljust(10 * 2**20, b"\0"), "ok"),
    ("I40 10 MB + 1", lambda: jpeg().ljust(10 * 2**20 + 1, b"\0"), "too_large"),
)
IMAGES = tuple(Row(*case) for case in _CASES)

VALID = (
    *(
        saved(smooth(16, 16), form, **options)
        for form, options in [
            ("JPEG", {}),
            ("JPEG", {"progressive": True}),
            ("PNG", {}),
            ("GIF", {}),
            ("WEBP", {}),
            ("WEBP", {"lossless": True}),
            ("BMP", {}),
            ("TIFF", {}),
            ("TIFF", {"compression": "tiff_lzw"}),
            ("TIFF", {"compression": "tiff_adobe_deflate"}),
            ("TIFF", {"compression": "jpeg"}),
        ]
    ),
    *(animated(form) for form in ("GIF", "PNG", "WEBP", "MPO", "TIFF")),
    *(cmyk(), with_gps(), oriented(6), with_profile(wide_profile("Adobe RGB")), with_thumbnails()),
    *(clear(128), clear_palette(), deep_png(), deep_png(colour=0), float_tiff(ramp(1))),
)
"""Good files of every kind that is read, to be damaged."""
