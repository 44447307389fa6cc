"""A store that does not let anybody write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from dashboard.core.settings import settings


def database() -> Path:
    return settings().home / "mlflow.db"


@contextmanager
def locked() -> Iterator[None]:
    """Somebody else writes to the database and does not get done."""
    with closing(sqlite3.connect(database(), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
