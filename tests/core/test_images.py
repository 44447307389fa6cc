from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from PIL import Image, ImageCms

from dashboard.core import images
from dashboard.core.errors import LightboxError, NotFound, TooLarge
from dashboard.core.images import (
    Note,
    crop_box,
    decode,
    encode_jpeg,
    encode_png,
    fit,
    for_eyes,
    read_file,
)
from dashboard.core.settings import REPOSITORY
from tests import corpus

LIMIT_S = 2.0


def outcome(content: bytes) -> tuple[str, int]:
    """The verdict, as in the corpus, and the HTTP status."""
    try:
        image = decode(content)
    except LightboxError as error:
        return LightboxError.from_json(error.to_json()).code, error.status
    assert image.pixels.dtype == np.uint8
    assert image.pixels.shape[2:] == (3,)
    for channels in (1, 3):
        assert fit(image.pixels, 28, 20, channels).shape == (28, 20, channels)
    return ("note:" + image.notes[0].code if image.notes else "ok"), 200


@pytest.mark.parametrize("row", corpus.IMAGES, ids=lambda row: row.id)
def test_bad_input(row):
    content = row.make()
    start = time.perf_counter()
    found, status = outcome(content)
    assert row.allows(found)
    assert status == corpus.status_of(found)
    assert time.perf_counter() - start < LIMIT_S


@pytest.fixture(scope="module")
def empty_temporary(tmp_path_factory):
    """A folder for temporary files; they are gone afterwards."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.chdir(folder)
        yield
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("empty_temporary")
@effort(max_examples=150, deadline=None)
@given(st.sampled_from([b"", *(good[:12] for good in corpus.VALID)]), st.binary(max_size=400))
def test_random_bytes_raise_only_our_errors(start, rest):
    outcome(start + rest)


@pytest.mark.usefixtures("empty_temporary")
@effort(max_examples=600, deadline=None)
@given(
    st.sampled_from(corpus.VALID),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    st.floats(0, 1),
)
def test_mutated_pictures_raise_only_our_errors(good, changes, end):
    content = bytearray(good)
    for where, value in changes:
        content[int(where * (len(content) - 1))] = value
    outcome(bytes(content[: int((0.5 + end) * len(content))]))


@pytest.mark.usefixtures("empty_temporary")
@effort(max_examples=300, deadline=None)
@given(
    st.sampled_from(corpus.VALID), st.sampled_from(corpus.VALID), st.floats(0, 1), st.floats(0, 1)
)
def test_spliced_pictures_raise_only_our_errors(first, second, end, start):
    outcome(first[: int(end * len(first))] + second[int(start * len(second)) :])


@pytest.mark.usefixtures("empty_temporary")
@effort(max_examples=300, deadline=None)
@given(st.sampled_from(corpus.VALID), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_flipped_bits_raise_only_our_errors(good, places):
    content = bytearray(good)
    for place in places:
        bit = int(place * (8 * len(content) - 1))
        content[bit // 8] ^= 1 << bit % 8
    outcome(bytes(content))


def test_damaged_pictures_start_from_good_ones():
    formats = {decode(good).format for good in corpus.VALID}
    assert formats == {"JPEG", "MPO", "PNG", "GIF", "WEBP", "BMP", "TIFF"}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_every_orientation_comes_out_upright(orientation, form):
    pixels = decode(corpus.oriented(orientation, form)).pixels.astype(int)
    expected = corpus.smooth(48, 64).astype(int)
    assert pixels.shape == expected.shape
    assert abs(pixels - expected).mean() < 4


def test_cmyk_keeps_its_colours():
    pixels = decode(corpus.cmyk()).pixels
    assert abs(pixels.mean((0, 1)) - corpus.smooth().mean((0, 1))).max() < 12


def test_ycck_keeps_its_colours():
    content = corpus.ycck()
    assert content[content.index(b"Adobe") + 11] == 2
    assert abs(decode(content).pixels.mean((0, 1)) - corpus.smooth().mean((0, 1))).max() < 12


@pytest.mark.parametrize("row", ["I31 PS", "I31 EPS", "I31 PDF"])
def test_no_interpreter_is_started(row, tmp_path):
    """Pillow would have Ghostscript draw what is PostScript."""
    gs = tmp_path / "gs"
    gs.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    gs.chmod(0o755)
    make = {row.id: row.make for row in corpus.IMAGES}[row]
    (tmp_path / "picture.png").write_bytes(make())
    script = (
        "import sys; from pathlib import Path; from dashboard.core.images import decode\n"
        "try: decode(Path(sys.argv[1]).read_bytes())\n"
        "except Exception as error: print(error.code)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "picture.png")]
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.stdout.strip() == "unsupported_format"
    assert not (tmp_path / "started").exists()


def test_inverted_cmyk_keeps_its_colours():
    # Adobe stores CMYK upside down, marked by an APP14 segment; Pillow writes it that way too.
    content = corpus.cmyk()
    assert b"Adobe" in content
    assert abs(decode(content).pixels.mean() - corpus.smooth().mean()) < 12


def test_16_bit_maps_65535_to_255():
    values = np.array([[0, 65535] * 8] * 16, np.uint16)
    decoded = decode(corpus.saved(values, "TIFF"))
    (note,) = decoded.notes
    assert "from 0 to 65535 were" in note.template.format(**note.values)
    pixels = decoded.pixels
    assert pixels[0, :2, 0].tolist() == [0, 255]
    assert pixels.mean() == 127.5


@pytest.mark.parametrize(("high", "expected"), [(1, 127.5), (255, 127.5), (100, 50), (1e6, 127.5)])
def test_float_is_scaled_by_the_stated_rule(high, expected):
    image = decode(corpus.float_tiff(corpus.ramp(high)))
    assert image.pixels.mean() == pytest.approx(expected, abs=0.6)
    assert image.notes[0].values["high"] == (255 if high == 100 else high)


@pytest.mark.parametrize(("alpha", "expected"), [(0, 255), (128, 127), (255, 0)])
def test_transparency_lies_on_white(alpha, expected):
    assert set(decode(corpus.clear(alpha)).pixels.ravel()) == {expected}


def test_clear_palette_lies_on_white():
    assert (decode(corpus.clear_palette()).pixels == 255).all()


def test_profile_is_converted_to_srgb():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = decode(corpus.saved(corpus.smooth())).pixels
    assert (decode(corpus.saved(corpus.smooth(), icc_profile=srgb)).pixels == plain).all()
    swapped = bytearray(srgb)  # exchange the red and blue primaries in the tag table
    red, blue = swapped.index(b"rXYZ"), swapped.index(b"bXYZ")
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    name = swapped.index("sRGB".encode("utf-16-be"))
    swapped[name : name + 8] = "test".encode("utf-16-be")
    pixels = decode(corpus.saved(corpus.smooth(), icc_profile=bytes(swapped))).pixels
    assert abs(pixels[..., ::-1].astype(int) - plain).mean() < 2
    hidden = np.dstack([corpus.smooth(), np.zeros((64, 64), np.uint8)])
    assert (decode(corpus.saved(hidden, icc_profile=bytes(swapped))).pixels == 255).all()


def test_a_wide_profile_is_converted_to_srgb():
    """By hand: (200, 50, 50) is linear (.578, .032, .032); with the matrix from Display P3 to sRGB,
    whose rows are (1.225, -.225, 0), (-.042, 1.042, 0) and (-.020, -.079, 1.098)."""
    red = np.full((16, 16, 3), (200, 50, 50), np.uint8)
    content = corpus.saved(red, icc_profile=corpus.wide_profile("Display P3"))
    expected = np.array([0.7003, 0.0090, 0.0211])
    expected = 255 * (1.055 * expected ** (1 / 2.4) - 0.055)
    assert abs(decode(content).pixels - expected).max() < 2


def test_tall_pictures_are_put_together_right():
    pixels = corpus.noise(1000, 16)
    assert (decode(corpus.saved(pixels)).pixels == pixels).all()
    deep = np.arange(1000 * 16, dtype=np.uint16).reshape(1000, 16)
    assert (decode(corpus.saved(deep, "TIFF")).pixels[..., 0] == np.round(deep / 257)).all()


def test_first_frame_note_counts_where_that_is_cheap():
    assert decode(corpus.animated("WEBP")).notes[0].values == {"frames": 3}
    assert decode(corpus.animated("GIF")).notes[0].values == {}


def test_claimed_size_costs_nothing():
    decode(corpus.flat(16, 16))
    content = corpus.png(100_000, 100_000)
    start = time.thread_time()
    with pytest.raises(TooLarge, match="25 million"):
        decode(content)
    assert time.thread_time() - start < 0.05


def test_parallel_decoding_gives_the_same():
    contents = [corpus.saved(corpus.noise(seed=seed)) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        for content, image in zip(contents * 5, pool.map(decode, contents * 5), strict=True):
            assert (image.pixels == decode(content).pixels).all()


def test_format_and_mode_are_told():
    image = decode(corpus.saved(corpus.noise(), "BMP"))
    assert (image.format, image.mode) == ("BMP", "RGB")


def test_note_survives_json():
    note = Note("rescaled", "from {low} to {high}", {"low": 0.0, "high": 1.0})
    assert Note.from_json(note.to_json()) == note


def test_fit_takes_the_middle():
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 200
    assert (fit(pixels, 5, 5, 3)[:, 1:-1] == 200).all()  # the edge blends with what is cut off
    assert fit(pixels, 5, 5, 3).min() > 150


def test_fit_averages_when_shrinking():
    pixels = np.tile(np.array([[0, 255], [255, 0]], np.uint8), (32, 32))[..., None].repeat(3, 2)
    small = fit(pixels, 8, 8, 3)
    assert abs(small.astype(int) - 128).max() <= 2


@pytest.mark.parametrize("shape", [(32, 32), (20, 64), (64, 20), (7, 224)])
def test_fit_gives_the_shape(shape):
    for channels in (1, 3):
        small = fit(corpus.noise(50, 33), *shape, channels)
        assert small.shape == (*shape, channels)
        assert small.dtype == np.uint8


def test_fit_leaves_the_right_size_alone():
    pixels = corpus.noise(32, 32)
    assert (fit(pixels, 32, 32, 3) == pixels).all()


def test_fit_to_one_channel_is_luminance():
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    assert (fit(red, 8, 8, 1) == 76).all()  # 0.299 · 255


@pytest.mark.parametrize("channels", [1, 3])
def test_png_round_trip_is_exact(channels):
    pixels = corpus.noise(16, 16, channels)
    assert (decode(encode_png(pixels)).pixels == pixels).all()


def test_jpeg_carries_no_metadata():
    content = encode_jpeg(corpus.smooth(), 95)
    with Image.open(io.BytesIO(content)) as image:
        assert not image.getexif()
        assert "icc_profile" not in image.info
    assert abs(decode(content).pixels.astype(int) - corpus.smooth()).mean() < 3


def test_read_file(tmp_path: Path):
    path = tmp_path / "cat.jpg.exe"
    path.write_bytes(b"x")
    assert read_file(path) == b"x"
    with pytest.raises(NotFound):
        read_file(tmp_path / "none.png")
    path.write_bytes(bytes(images.MAX_BYTES + 1))
    with pytest.raises(TooLarge):
        read_file(path)


def test_any_size_fits_any_input() -> None:
    generator = np.random.default_rng(0)
    sizes = [(249, 216), (225, 300), (225, 225), (58, 58), *generator.integers(8, 700, (300, 2))]
    for h, w in sizes:
        pixels = np.zeros((h, w, 3), np.uint8)
        for side in (28, 32, 224):
            assert images.fit(pixels, side, side, 3).shape == (side, side, 3)


@pytest.mark.parametrize(
    ("shape", "size", "box"),
    [((40, 80), (10, 10), (20, 0, 60, 40)), ((40, 80), (20, 40), (0, 0, 80, 40)),
     ((90, 30), (8, 16), (0, 37.5, 30, 52.5))],
)  # fmt: skip
def test_the_box_that_is_scaled_is_in_the_middle(shape, size, box):
    assert crop_box(np.zeros((*shape, 3), np.uint8), *size) == pytest.approx(box)


def test_small_pictures_are_enlarged_pixel_by_pixel_and_large_ones_scaled_down():
    small = np.random.default_rng(0).integers(0, 256, (8, 6, 1), np.uint8)
    shown = for_eyes(small, 20, 40)
    assert shown.shape == (16, 12, 1)
    for row in (0, 1):
        np.testing.assert_array_equal(shown[row::2, row::2], small)
    middle = np.zeros((15, 30, 3), np.uint8)
    np.testing.assert_array_equal(for_eyes(middle, 20, 40), middle)
    for channels in (1, 3):
        large = np.full((100, 50, channels), 7, np.uint8)
        np.testing.assert_array_equal(for_eyes(large, 20, 40), large[:40, :20])
