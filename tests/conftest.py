"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.core.settings import settings


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
