"""Homes with the digits, whose runs are of one test alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.runs import tracking
from dashboard.core.settings import settings
from tests.core.runs.conftest import empty_store

__all__ = ["empty_store"]


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the data sets, with the digits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(tmp_path_factory.mktemp("digits")))
        settings.cache_clear()
        import_dataset("digits")
        found = settings().datasets
    settings.cache_clear()
    return found


@pytest.fixture
def sweep_home(home: Path, empty_store: Path, digits: Path) -> Iterator[Path]:
    """A home with the digits and a tracking database of its own."""
    home.mkdir()
    shutil.copy(empty_store, home)
    shutil.copytree(digits, home / "datasets", copy_function=os.link)
    tracking.forget()
    yield home
    tracking.forget()
