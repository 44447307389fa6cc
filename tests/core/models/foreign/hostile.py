"""Model files as an attacker, or a bad disk, would make them. All written from code."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Config = dict[str, Any]
Parts = dict[str, bytes]


def parts(path: Path) -> Parts:
    """Return the members of a `.keras` file."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, members: Parts, compression: int = zipfile.ZIP_STORED) -> Path:
    """Write members as a `.keras` file."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def changed(source: Path, path: Path, change: Callable[[Config], Any]) -> Path:
    """Copy a `.keras` file, its description changed."""
    members = parts(source)
    config = json.loads(members["config.json"])
    change(config)
    return packed(path, {**members, "config.json": json.dumps(config).encode()})


def with_layer(source: Path, path: Path, **layer: Any) -> Path:
    """Copy a `.keras` file with another layer before the last."""
    entry = {"registered_name": None, "config": {"name": "planted"}, **layer}
    return changed(source, path, lambda config: config["config"]["layers"].insert(-1, entry))


def hdf5(write: Callable[[h5py.File], None]) -> bytes:
    """Return an HDF5 file as bytes."""
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        write(file)
    return out.getvalue()


def changed_weights(source: Path, path: Path, change: Callable[[h5py.File], None]) -> Path:
    """Copy a `.keras` file, its weights changed."""
    members = parts(source)
    content = io.BytesIO(members["model.weights.h5"])
    with h5py.File(content, "r+") as file:
        change(file)
    return packed(path, {**members, "model.weights.h5": content.getvalue()})


def fill(value: float) -> Callable[[h5py.File], None]:
    """Return a change that sets every weight to `value`."""

    def change(file: h5py.File) -> None:
        def visit(_: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
                item[...] = np.full(item.shape, value)

        file.visititems(visit)

    return change
