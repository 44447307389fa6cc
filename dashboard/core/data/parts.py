"""A pack that is written in parts, by several processes, while its pictures are imported.

Each part has its place from the start, as if no file would be left out; what is missing is closed
up at the end.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

PACKED_SIDE = 64
"""Longest side of pictures that are packed while they are imported, in pixels."""

_HEADER = 128  # bytes before the first row: NumPy's own, whatever number of rows it names


def pack_path(folder: Path, height: int, width: int, channels: int) -> Path:
    """Return where the pack of that shape lies in the folder of a version."""
    return folder / "packs" / f"{height}x{width}x{channels}.npy"


def write_part(folder: Path, row: int, pixels: np.ndarray) -> None:
    """Write `pixels`, uint8 (n, h, w, c), from `row` on. Any process may, in any order."""
    path = pack_path(folder, *pixels.shape[1:])
    path.parent.mkdir(exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        rest = memoryview(np.ascontiguousarray(pixels).data).cast("B")
        offset = _HEADER + row * pixels[0].nbytes
        while rest:
            written = os.pwrite(file, rest, offset)
            rest, offset = rest[written:], offset + written
    finally:
        os.close(file)


def finish_parts(folder: Path, parts: Sequence[tuple[int, tuple[int, ...] | None]]) -> None:
    """Make one pack of the parts, or none where they are not of one shape.

    Args:
        folder: Of the version.
        parts: First row of each, in order, and its shape (n, h, w, c); None where there is none.
    """
    shapes = {shape and shape[1:] for _, shape in parts}
    shape = shapes.pop() if len(shapes) == 1 else None
    if not shape:
        shutil.rmtree(folder / "packs", ignore_errors=True)
        return
    path = pack_path(folder, *shape)
    n = sum(part[0] for _, part in parts if part)
    with path.open("r+b") as file:
        _close_up(file, [(row, part[0]) for row, part in parts if part], int(np.prod(shape)))
        file.truncate(_HEADER + n * int(np.prod(shape)))
        file.seek(0)
        header = {"descr": "|u1", "fortran_order": False, "shape": (n, *shape)}
        np.lib.format.write_array_header_1_0(file, header)
        assert file.tell() == _HEADER


def _close_up(file: Any, parts: Sequence[tuple[int, int]], row_bytes: int) -> None:
    target = 0
    for row, n in parts:
        if row != target:
            file.seek(_HEADER + row * row_bytes)
            content = file.read(n * row_bytes)
            file.seek(_HEADER + target * row_bytes)
            file.write(content)
        target += n
