"""Mean image and channel statistics of a data set and of each of its classes."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from dashboard.core.atomic import write_bytes
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.pack import pack
from dashboard.core.quality.base import BATCH, SIDE
from dashboard.core.quality.results import checked_version


@dataclass(frozen=True, eq=False)
class Averages:
    """Figures of all images, then of those of each class, in the order of `Dataset.classes`.

    Attributes:
        images: Mean of the pictures at 32×32: uint8 (1 + classes, 32, 32, 3).
        means: Of red, green and blue over all pixels: float64 (1 + classes, 3) in 0–255.
        deviations: Their standard deviation: float64 (1 + classes, 3) in 0–127.5.
    """

    images: np.ndarray
    means: np.ndarray
    deviations: np.ndarray


def averages(dataset: Dataset) -> Averages | None:
    """Return the averages of a version, or None where neither it nor a parent was checked.

    The check leaves all pictures at 32×32 in one file, so 55,000 take less than a second; the
    result is stored beside the version.
    """
    source = checked_version(dataset)
    if source is None:
        return None
    path = dataset.path / "averages.npz"
    if not path.is_file():
        out = io.BytesIO()
        found = _computed(dataset, source)
        np.savez(out, images=found.images, means=found.means, deviations=found.deviations)
        write_bytes(path, out.getvalue())
    with np.load(path, allow_pickle=False) as stored:
        return Averages(stored["images"], stored["means"], stored["deviations"])


def _computed(dataset: Dataset, source: Dataset) -> Averages:
    n_classes = len(dataset.classes)
    totals = np.zeros((1 + n_classes, SIDE, SIDE, 3))
    squares = np.zeros((1 + n_classes, 3))
    counts = np.zeros(1 + n_classes)
    rows, classes = dataset.memberships
    packed_rows = source.positions(dataset.index["id"])
    for start in range(0, len(packed_rows), BATCH):
        part = slice(*np.searchsorted(rows, (start, start + BATCH)))
        # Mapped anew for each batch: pages that were read count as memory while they are mapped.
        pixels = pack(source, SIDE, SIDE, 3)[packed_rows[start : start + BATCH]]
        energies = np.square(pixels, dtype=np.uint32).sum((1, 2))
        groups = [(0, slice(None))]
        groups += [
            (1 + c, rows[part][classes[part] == c] - start) for c in np.unique(classes[part])
        ]
        for group, chosen in groups:
            totals[group] += pixels[chosen].sum(0, dtype=np.uint32)
            squares[group] += energies[chosen].sum(0)
            counts[group] += len(energies[chosen])
    counts = np.maximum(counts, 1)
    means = totals / counts[:, None, None, None]
    channels = means.mean((1, 2))
    variances = squares / (counts[:, None] * SIDE * SIDE) - channels**2
    deviations = np.sqrt(np.maximum(variances, 0))
    return Averages(np.rint(means).astype(np.uint8), channels, deviations)
