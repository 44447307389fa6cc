from __future__ import annotations

import resource
from pathlib import Path
from types import SimpleNamespace

import pytest

from dashboard.core.errors import DiskFull
from dashboard.ui.import_form import _import


def test_a_disk_too_full_for_the_upload_is_said_plainly(home: Path) -> None:
    home.mkdir(exist_ok=True)
    upload = SimpleNamespace(name="pets.zip", getbuffer=lambda: memoryview(bytes(100_000)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(DiskFull, match="disk is full"):
            _import(upload, None, "")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(home.iterdir()) == []
