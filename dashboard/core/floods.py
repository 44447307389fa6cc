"""Small files made of very many parts, which keep a decoder busy for minutes.

A progressive JPEG decodes every pixel again for each of its scans, of which 10 MB can hold
240,000 at 12 ms; Pillow joins the comment of a GIF in quadratic time. Honest files have few parts.
"""

from __future__ import annotations

import re

MAX_PARTS = 20_000
"""Most chunks of a PNG or segments of a JPEG."""

MAX_BLOCKS = 4000
"""Most blocks before the first picture of a GIF, of up to 255 bytes each."""

MAX_SCANS = 100
"""Most scans of a JPEG: encoders write about ten, and each costs up to 12 ms."""

JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""Begins a segment; within a scan all other bytes are data."""

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9


def is_flood(content: bytes) -> bool:
    """Return whether a picture has more parts than an honest one."""
    if content.startswith(b"\xff\xd8"):
        return _is_jpeg_flood(content)
    if content.startswith(b"\x89PNG"):
        return _is_png_flood(content)
    return content.startswith(b"GIF8") and _is_gif_flood(content)


def _is_jpeg_flood(content: bytes) -> bool:
    if content.count(b"\xff") <= MAX_SCANS:  # the common case, at the speed of a search
        return False
    position = 2
    scans = 0
    for _ in range(MAX_PARTS):
        found = JPEG_MARKER.search(content, position)
        if not found or content[found.end() - 1] == _END_OF_IMAGE:
            return False
        scans += content[found.end() - 1] == _START_OF_SCAN
        if scans > MAX_SCANS:
            return True
        position = found.end() + int.from_bytes(content[found.end() : found.end() + 2], "big")
    return True


def _is_png_flood(content: bytes) -> bool:
    position = 8
    for _ in range(MAX_PARTS):
        if position >= len(content) or content[position + 4 : position + 8] == b"IEND":
            return False
        position += 12 + int.from_bytes(content[position : position + 4], "big")
    return True


def _is_gif_flood(content: bytes) -> bool:
    flags = content[10] if len(content) > 10 else 0
    position = 13 + (3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0)
    inside = False  # an extension, made of blocks up to an empty one
    for _ in range(MAX_BLOCKS):
        if inside:
            size = content[position] if position < len(content) else 0
            position += 1 + size
            inside = size > 0
            continue
        kind = content[position : position + 1]
        if kind in (b"", b",", b";"):  # the end, or the first picture
            return False
        inside = kind == b"!"
        position += 2 if inside else 1
    return True
