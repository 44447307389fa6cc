"""A picture file with nothing in it but what its pixels need.

Refs. ITU-T T.81 (1992), annex B, for JPEG: a chain of segments, each a marker and its length;
behind a start of scan lie coded bytes up to the next marker. ISO/IEC 15948:2004 for PNG: a chain
of chunks.
"""

from __future__ import annotations

from dashboard.core.floods import JPEG_MARKER

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_END, _SCAN = 0xD9, 0xDA
_KEPT = {0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, _SCAN}  # frames, tables, restart interval, scans
_DROPPED = {*range(0xE1, 0xEE), 0xEF, 0xFE}  # applications' own, comments
_JFIF, _ADOBE = 0xE0, 0xEE  # say which colours are coded
_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND")


def bare(content: bytes) -> bytes | None:
    """Return a JPEG or PNG without place, camera, profile, comments or anything after its end.

    The coded pixels stay as they are, so it decodes to the same values.

    Args:
        content: A file that decodes, without transparency.

    Returns:
        None where it is no plain chain of the usual parts; browsers may not show those.
    """
    if content.startswith(_JPEG):
        return _bare_jpeg(content)
    return _bare_png(content) if content.startswith(_PNG) else None


def _bare_jpeg(content: bytes) -> bytes | None:
    parts = [_JPEG]
    position = len(_JPEG)
    while (found := JPEG_MARKER.match(content, position)) is not None:
        kind = found[0][1]
        if kind == _END:
            parts.append(found[0])
            return b"".join(parts)
        end = position + 2 + int.from_bytes(content[position + 2 : position + 4], "big")
        if kind == _SCAN:
            following = JPEG_MARKER.search(content, end)
            end = following.start() if following else len(content)
        if kind in _KEPT:
            parts.append(content[position:end])
        elif kind not in _DROPPED:
            colours = _colours(kind, content[position + 4 : end])
            if colours is None:
                return None
            parts.append(colours)
        position = end
    return None


def _colours(kind: int, body: bytes) -> bytes | None:
    """Return the segment that tells the colours, with nothing free left in it."""
    if kind == _JFIF:
        plain = b"JFIF\0\1\1\0\0\1\0\1\0\0"  # no density, no thumbnail
        return b"\xff\xe0\0\x10" + plain if body.startswith(b"JFIF\0") else b""
    if kind == _ADOBE and body.startswith(b"Adobe") and len(body) == 12:
        return b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + body[-1:]
    return None


def _bare_png(content: bytes) -> bytes | None:
    parts = [_PNG]
    position = len(_PNG)
    while position + 12 <= len(content):
        end = position + 12 + int.from_bytes(content[position : position + 4], "big")
        name = content[position + 4 : position + 8]
        if name in _CHUNKS:
            parts.append(content[position:end])
        if name == _CHUNKS[-1]:
            return b"".join(parts)
        position = end
    return None
