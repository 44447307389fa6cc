"""How long an import takes against Pillow's own decoding of the same files, in turn.

    .venv/bin/python -m tests.bench.importing ../shared/data/cifar10.zip

Pillow reads each file from the archive and decodes it to an array, on one core. The import makes
the index, stored copies and the pack, and has the disk synchronised. Libraries are loaded before.
"""

from __future__ import annotations

import io
import os
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

RUNS = 3
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tiff")


def decode(path: Path) -> None:
    """Decode every picture with Pillow alone."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.lower().endswith(PICTURES):
                np.asarray(Image.open(io.BytesIO(archive.read(name))))


def seconds(action: Callable[[], object]) -> float:
    """Return how long `action` takes."""
    os.sync()  # nothing of what came before is still on its way to the disk
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main(path: Path) -> None:
    """Print both, and their ratio, run by run."""
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401
    import scipy.sparse.csgraph  # noqa: F401
    import sklearn.model_selection  # noqa: F401

    from dashboard.core.data.importer import import_dataset

    ratios = []
    for _ in range(RUNS):
        alone = seconds(lambda: decode(path))
        with tempfile.TemporaryDirectory() as home:
            os.environ["LIGHTBOX_HOME"] = home
            whole = seconds(lambda: import_dataset(path))
        ratios.append(whole / alone)
        print(f"Pillow {alone:.1f} s, import {whole:.1f} s, ratio {ratios[-1]:.1f}")
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
