"""All images of a data set at one size, as one array on disk that is mapped, not read."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from dashboard.core.atomic import UNFINISHED, disk_errors
from dashboard.core.data.dataset import Dataset, read_pixels
from dashboard.core.data.parts import pack_path
from dashboard.core.errors import DiskFull
from dashboard.core.images import fit

_THREADS = 2  # on small pictures more of them fight over the interpreter lock: 33 s, not 21


def pack(
    dataset: Dataset,
    height: int,
    width: int,
    channels: int,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> np.ndarray:
    """Return every image of `dataset`, built on the first call for a size.

    Args:
        dataset: What to pack.
        height: Of each image, in pixels.
        width: Of each image, in pixels.
        channels: 3, or 1 for luminance.
        on_progress: Told `(done, total, "packing")` while it is built.

    Returns:
        uint8 (n, height, width, channels) in the order of `dataset.index`, read-only, mapped.
    """
    path = pack_path(dataset.path, height, width, channels)
    if not path.is_file():
        _build(dataset, (len(dataset.index), height, width, channels), path, on_progress)
    return np.load(path, mmap_mode="r", allow_pickle=False)


def pack_bytes(dataset: Dataset, height: int, width: int, channels: int) -> int:
    """Return the size of such a pack on disk, in bytes."""
    return dataset.report.kept * height * width * channels


def _build(
    dataset: Dataset,
    shape: tuple[int, int, int, int],
    path: Path,
    on_progress: Callable[[int, int, str], None] | None,
) -> None:
    path.parent.mkdir(exist_ok=True)
    _check_space(path, int(np.prod(shape)))
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    os.close(descriptor)
    try:
        with disk_errors():
            _fill(dataset, shape, temporary, on_progress)
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
            os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _fill(
    dataset: Dataset,
    shape: tuple[int, int, int, int],
    target: str,
    on_progress: Callable[[int, int, str], None] | None,
) -> None:
    array = np.lib.format.open_memmap(target, mode="w+", dtype=np.uint8, shape=shape)
    if hasattr(os, "posix_fallocate"):  # or a disk that fills up ends the process by SIGBUS
        with open(target, "r+b") as file:
            os.posix_fallocate(file.fileno(), 0, os.path.getsize(target))
    files = [dataset.path / file for file in dataset.index["file"]]

    def place(row: int) -> None:
        array[row] = fit(read_pixels(files[row]), *shape[1:])

    with ThreadPoolExecutor(_THREADS) as pool:
        for done, _ in enumerate(pool.map(place, range(shape[0])), 1):
            if on_progress and (done % 500 == 0 or done == shape[0]):
                on_progress(done, shape[0], "packing")
    array.flush()


def _check_space(path: Path, needed: int) -> None:
    """Say what is missing before any work is done."""
    free = shutil.disk_usage(path.parent).free
    if free < 1.1 * needed:
        raise DiskFull(
            "Packing the images needs {needed} MB of disk, and {free} MB are free. Free some "
            "space or choose a smaller image size.",
            needed=needed // 10**6 + 1,
            free=free // 10**6,
        )
