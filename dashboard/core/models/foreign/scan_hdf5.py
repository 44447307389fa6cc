"""An HDF5 file, looked at object by object before Keras opens it."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import h5py

from dashboard.core.models.foreign import limits, verdicts
from dashboard.core.models.foreign.scan_config import scan_config


def scan_hdf5(path: Path) -> None:
    """Check that a file holds plain arrays only, and not too many numbers.

    Raises:
        TooLarge: More weights than are taken, or too many objects.
        InvalidInput: `unsafe_model` for links and arrays that lie in other files or refer to
            objects; `corrupt_model`.
    """
    try:
        with h5py.File(path, "r") as file:
            _scan_group(file, set(), 0)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise verdicts.corrupt() from error


def scan_legacy_file(path: Path) -> str:
    """Check a whole model in HDF5 and return the version of Keras that saved it.

    Raises:
        LightboxError: As `scan_hdf5` and `scan_config`.
    """
    scan_hdf5(path)
    try:
        with h5py.File(path, "r") as file:
            config = _text(file.attrs["model_config"]) if "model_config" in file.attrs else None
            version = _text(file.attrs.get("keras_version", b"1"))
            has_weights = isinstance(file.get("model_weights"), h5py.Group)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise verdicts.corrupt() from error
    if config is None:
        raise verdicts.incomplete("model_config")
    if not has_weights:
        raise verdicts.incomplete("model_weights")
    scan_config(config)
    return version.decode(errors="replace")


def _text(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    return bytes(value)


def _scan_group(group: h5py.Group, seen: set[int], numbers: int) -> int:
    """Return how many numbers there are, `numbers` before this group."""
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise verdicts.unsafe(name)
        item = group[name]
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:  # the same object again, perhaps one it lies in itself
            continue
        seen.add(address)
        if len(seen) > limits.MAX_OBJECTS:
            raise verdicts.too_complex()
        if isinstance(item, h5py.Group):
            numbers = _scan_group(item, seen, numbers)
        elif isinstance(item, h5py.Dataset):
            _check_array(name, item)
            numbers += prod(item.shape)
        else:
            raise verdicts.unsafe(name)
        # The optimizer keeps up to two more numbers for each weight; they are not loaded.
        if numbers > 3 * limits.MAX_PARAMETERS:
            raise verdicts.too_many_parameters(limits.MAX_PARAMETERS)
    return numbers


def _check_array(name: str, array: h5py.Dataset) -> None:
    if array.external or array.is_virtual or array.shape is None:
        raise verdicts.unsafe(name)
    if array.dtype.hasobject or array.dtype.kind not in "fiubS":
        raise verdicts.unsafe(name)
