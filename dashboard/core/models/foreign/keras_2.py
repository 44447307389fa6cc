"""Files of Keras 2 as Keras 3 can read them.

TensorFlow 2.3 to 2.15 noted with some layers what these only inherited, and Keras 3 stumbles over
it: most models of Teachable Machine, and all with a depthwise or separable convolution.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import h5py

from dashboard.core.models.foreign.scan_config import parts_of

_CONFIG = "model_config"
_KERNEL = ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")
_INHERITED = {
    "SeparableConv1D": _KERNEL,
    "SeparableConv2D": _KERNEL,
    "DepthwiseConv2D": _KERNEL,
    "Conv2DTranspose": ("groups",),
}
"""Layer → what says nothing of it: its groups are always one, its kernels have other names."""


def readable(path: Path, folder: Path) -> Path:
    """Return `path`, or a copy of it in `folder` whose description Keras 3 reads."""
    with h5py.File(path, "r") as file:
        config = json.loads(file.attrs[_CONFIG])
    if not _clean(config):
        return path
    copy = folder / f"readable{path.suffix.lower()}"
    shutil.copyfile(path, copy)
    with h5py.File(copy, "r+") as file:
        file.attrs[_CONFIG] = json.dumps(config)
    return copy


def _clean(config: dict[str, Any]) -> bool:
    """Take out what is inherited, and say whether there was any."""
    cleaned = False
    for part in parts_of(config):
        for key in _INHERITED.get(part["class_name"], ()):
            cleaned |= part["config"].pop(key, None) is not None
    return cleaned
