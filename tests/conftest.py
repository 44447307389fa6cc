"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.core.runs import tracking
from dashboard.core.settings import settings
from tests.server import Lightbox

pytest.register_assert_rewrite("tests.contract")


def pytest_configure(config: pytest.Config) -> None:
    # Pillow warns of rubbish in metadata and goes on; what matters is that the picture is right.
    config.addinivalue_line("filterwarnings", r"ignore::UserWarning:PIL\..*")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty Lightbox home."""
    monkeypatch.setenv("LIGHTBOX_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


@pytest.fixture(scope="module")
def module_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home with a store of its own, for all tests of a file; yields the folder around."""
    folder = tmp_path_factory.mktemp("module")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(folder / "home"))
        settings.cache_clear()
        tracking.forget()
        yield folder
        tracking.forget()
    settings.cache_clear()


@pytest.fixture(scope="session")
def lightbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lightbox]:
    """A running Lightbox, shared by all tests that only visit it."""
    with Lightbox(tmp_path_factory.mktemp("lightbox") / "home").running() as server:
        yield server
