from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from dashboard.core.data.bare import bare
from dashboard.core.images import decode
from tests import corpus

COLOUR, GREY = corpus.smooth(40, 24), corpus.smooth(40, 24)[..., 0]
SECRETS = (b"Exif", b"SecretCamera", b"comment", b"<script>", b"ICC_PROFILE", b"Adobe XMP", b"tEXt")

PICTURES = {
    "baseline": corpus.saved(COLOUR, "JPEG", comment=b"comment"),
    "progressive": corpus.saved(COLOUR, "JPEG", progressive=True),
    "not subsampled": corpus.saved(COLOUR, "JPEG", subsampling=0),
    "restarts": corpus.saved(COLOUR, "JPEG", restart_marker_blocks=2),
    "grey": corpus.saved(GREY, "JPEG"),
    "place": corpus.with_gps(),
    "rgb, not YCbCr": corpus.saved(COLOUR, "JPEG", keep_rgb=True),
    "png": corpus.saved(COLOUR, "PNG"),
    "grey png": corpus.saved(GREY, "PNG"),
    "png with text": corpus.small_png(corpus.png_chunk(b"tEXt", b"comment\0<script>")),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pixels_stay_and_nothing_else(name):
    content = PICTURES[name] + b"PK\3\4<script>"
    kept = bare(content)
    assert kept is not None
    assert not any(secret in kept for secret in SECRETS)
    assert np.array_equal(decode(kept).pixels, decode(content).pixels)
    assert bare(kept) == kept


@pytest.mark.parametrize("content", [corpus.saved(COLOUR, "BMP"), b"", b"\xff\xd8", b"\x89PNG"])
def test_other_files_are_not_kept(content):
    assert bare(content) is None


@effort(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(PICTURES)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
)
def test_what_is_kept_of_damaged_files_decodes_alike(name, changes):
    content = bytearray(PICTURES[name])
    for place, value in changes:
        content[int(place * (len(content) - 1))] = value
    try:
        image = decode(bytes(content))
    except Exception:
        return
    kept = bare(bytes(content)) if image.exact else None
    if kept is not None:
        assert np.array_equal(decode(kept).pixels, image.pixels)
