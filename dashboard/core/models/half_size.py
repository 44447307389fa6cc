"""Models at half the size, for networks that were trained in bfloat16. Imports Keras.

Such a network never used more than eight bits of a kernel's weights: rounded to them it is what was
trained. Biases and normalisations, which are few, keep their precision.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import keras
import numpy as np

from dashboard.core.atomic import write_bytes


def round_kernels(network: keras.Model) -> None:
    """Round every weight of two or more dimensions to the nearest bfloat16."""
    for weight in _kernels(network):
        weight.assign(_rounded(weight))


def is_rounded(network: keras.Model) -> bool:
    """Return whether `round_kernels` would change nothing."""
    return all(
        np.array_equal(keras.ops.convert_to_numpy(weight), _rounded(weight))
        for weight in _kernels(network)
    )


def _kernels(network: keras.Model) -> list[keras.Variable]:
    return [weight for weight in network.weights if len(weight.shape) >= 2]


def _rounded(weight: keras.Variable) -> np.ndarray:
    rounded = keras.ops.cast(weight.value, "bfloat16")
    return keras.ops.convert_to_numpy(keras.ops.cast(rounded, "float32"))


def deflate(path: Path) -> None:
    """Compress a `.keras` file, a zip in which nothing is compressed; Keras reads both."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as stored, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as small:
        for name in stored.namelist():
            small.writestr(name, stored.read(name))
    write_bytes(path, out.getvalue())
