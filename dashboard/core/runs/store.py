"""The store of the runs, MLflow's: how it is opened, and what keeps it from answering.

The only file that imports MLflow. Its import takes about 1 s, a new database 3–5 s.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from dashboard.core.runs.store_errors import database, in_plain_words, unreachable
from dashboard.core.settings import settings

_PATIENCE_MS = 800
"""How long a locked database is waited for. Whoever clicks is told after that, and may try again;
what a worker has to say waits in its outbox."""

_EXPERIMENT = "lightbox"
_START = threading.Lock()
_LOG = logging.getLogger(__name__)


@contextmanager
def answering() -> Iterator[Any]:
    """Yield MLflow's client; what keeps the store from answering is raised in plain words.

    Raises:
        Unavailable: It is locked (`store_busy`) or cannot be reached (`store_unreachable`).
        DiskFull: There is no room for what was to be written.
        LightboxError: It may not be written (`store_read_only`) or is broken (`store_damaged`).
        OSError: The home cannot be made.
    """
    try:
        client = _client()
    except Exception as error:  # MLflow has many for an address that cannot be one
        if isinstance(error, OSError) and error.filename:
            raise  # the home, not the store
        _LOG.warning("the store cannot be opened: %s", error)
        raise in_plain_words(error) or unreachable() from error
    try:
        yield client
    except Exception as error:
        plain = in_plain_words(error)
        if not plain:
            raise
        raise plain from error


@cache
def _mlflow() -> Any:
    # One thread at a time: two that import MLflow together can meet in a deadlock, which Python
    # ends by leaving it half imported.
    with _START:
        # A server that is away is asked again by us; MLflow would go on for minutes.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
        import mlflow

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # we say it ourselves
        return mlflow


def entities() -> Any:
    """Return MLflow's module of this name."""
    return _mlflow().entities


@cache
def _client() -> Any:
    mlflow = _mlflow()
    with _START:
        settings().home.mkdir(parents=True, exist_ok=True)
        client = mlflow.MlflowClient(tracking_uri=settings().tracking_uri)
        client.search_experiments(max_results=1)  # makes the database
        path = database()
        if path:
            _write_ahead_log(path)
            _lose_patience(client._tracking_client.store.engine)
        return client


def _write_ahead_log(path: Path) -> None:
    # Readers and the worker's writes then don't block each other: worst write 666 → 48 ms.
    # One that is locked or may not be written just now is read without.
    with (
        closing(sqlite3.connect(path, _PATIENCE_MS / 1000)) as connection,
        suppress(sqlite3.OperationalError),
    ):
        connection.execute("PRAGMA journal_mode=WAL")


def _lose_patience(engine: Any) -> None:
    """Let no session wait for a locked database for MLflow's 20 s."""
    from sqlalchemy import event

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def shorten(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> Any:
        if statement.startswith("PRAGMA busy_timeout"):
            statement = f"PRAGMA busy_timeout = {_PATIENCE_MS}"
        return statement, parameters


@cache
def _experiment() -> str:
    client = _client()
    with _START:
        found = client.get_experiment_by_name(_EXPERIMENT)
        if found:
            return str(found.experiment_id)
        location = settings().runs.resolve().as_uri()
        return str(client.create_experiment(_EXPERIMENT, artifact_location=location))


def experiment() -> str:
    """Return the id of the experiment that all runs belong to."""
    with answering():
        return _experiment()


def forget() -> None:
    """Drop the connections, for tests that change the home."""
    if _client.cache_info().currsize:
        engine = getattr(_client()._tracking_client.store, "engine", None)
        if engine:  # MLflow keeps it for good
            engine.dispose()
    _experiment.cache_clear()
    _client.cache_clear()
