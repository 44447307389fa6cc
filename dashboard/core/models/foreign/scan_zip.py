"""A `.keras` file, looked at as a zip before Keras opens it."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from pathlib import Path

from dashboard.core.models.foreign import limits, verdicts
from dashboard.core.models.foreign.scan_config import scan_config
from dashboard.core.models.foreign.scan_hdf5 import scan_hdf5

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"

_RATIO_FROM = 2**20
_BAD = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError)
_BAD_TOO = (IndexError, RuntimeError, NotImplementedError)  # also seen on hostile directories


def scan_keras_file(path: Path, scratch: Path) -> str:
    """Check every part of a `.keras` file and return the version of Keras that saved it.

    Args:
        path: The file.
        scratch: A folder for its weights, unpacked.

    Raises:
        TooLarge: A part is over a limit or expands like a bomb.
        InvalidInput: `corrupt_model`, `unsafe_model` or `custom_layer`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive.infolist())
            scan_config(archive.read(CONFIG))
            version = json.loads(archive.read(METADATA))["keras_version"]
            weights = Path(archive.extract(WEIGHTS, scratch))
    except (*_BAD, *_BAD_TOO, KeyError, TypeError) as error:
        raise verdicts.corrupt() from error
    scan_hdf5(weights)
    weights.unlink()
    return str(version)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members if not member.is_dir()]
    for member in members:
        if member.filename not in (CONFIG, METADATA, WEIGHTS, "assets/"):
            raise verdicts.unsafe(member.orig_filename)
        if member.file_size > limits.MAX_BYTES:
            raise verdicts.too_many_bytes(
                round(member.file_size / 10**6), limits.MAX_BYTES // 10**6
            )
        large = member.file_size > _RATIO_FROM
        if large and member.file_size > limits.MAX_RATIO * member.compress_size:
            raise verdicts.bomb(limits.MAX_RATIO)
    for name in (CONFIG, METADATA, WEIGHTS):
        if name not in names:
            raise verdicts.incomplete(name)
    if len(names) > len(set(names)):
        raise verdicts.corrupt()
