import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dashboard.core.runs import tracking
from dashboard.core.settings import settings


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tracking database without runs: making one takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(tmp_path_factory.mktemp("store")))
        settings.cache_clear()
        tracking.forget()
        tracking.prepare()
        tracking.forget()
        path = settings().home / "mlflow.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    settings.cache_clear()
    return path


@pytest.fixture
def runs_home(home: Path, empty_store: Path) -> Iterator[Path]:
    """A home with a tracking database of its own."""
    home.mkdir()
    shutil.copy(empty_store, home)
    tracking.forget()
    yield home
    tracking.forget()
