"""The weights of a network as one array in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.atomic import write_array


def write_weights(path: Path, model: Any) -> None:
    """Write all weights of a Keras model, one after the other; `DiskFull` leaves `path` as it was.

    Args:
        path: The file, `.npy`.
        model: Its variables are floats; what is no weight, such as random states, is left out.
    """
    write_array(path, np.concatenate([weight.ravel() for weight in model.get_weights()]))


def read_weights(path: Path, model: Any) -> None:
    """Put what `write_weights` wrote into a model of the same layers."""
    flat = np.load(path, allow_pickle=False)
    weights = []
    for weight in model.get_weights():
        weights.append(flat[: weight.size].reshape(weight.shape))
        flat = flat[weight.size :]
    model.set_weights(weights)
