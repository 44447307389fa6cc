"""Runs as MLflow keeps them. The only file that imports MLflow.

MLflow is imported and its database made on first use: about 1 s to import, 3–5 s for a new
database. `prepare()` does both ahead of time in a background thread.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from dashboard.core.errors import LightboxError, NotFound
from dashboard.core.settings import settings

Status = Literal["SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"]
ACTIVE: tuple[Status, ...] = ("SCHEDULED", "RUNNING")

_EXPERIMENT = "lightbox"
_PREFIX = "lightbox."
_MAX_POINTS = 2000
_START = threading.Lock()


@dataclass(frozen=True)
class Run:
    """One run as it stands now.

    Attributes:
        id: MLflow run id.
        name: Name shown to people.
        status: KILLED means stopped by a person.
        started: Unix seconds of its creation.
        ended: Unix seconds of its end, or None.
        tags: Lightbox's own tags without their prefix: `stage`, `worker`, `control`, `error`, …
        params: The recipe, flattened.
        metrics: Latest value of each metric.
    """

    id: str
    name: str
    status: Status
    started: float
    ended: float | None
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether the run waits or works."""
        return self.status in ACTIVE

    @property
    def error(self) -> LightboxError | None:
        """Why the run failed."""
        return (
            LightboxError.from_json(json.loads(self.tags["error"]))
            if self.tags.get("error")
            else None
        )


@dataclass(frozen=True)
class Point:
    """One value of a metric at a step (= batches trained so far)."""

    key: str
    step: int
    value: float
    time_ms: int


@cache
def _mlflow() -> Any:
    # One thread at a time: two that import MLflow together can meet in a deadlock, which Python
    # ends by leaving it half imported.
    with _START:
        import mlflow

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        return mlflow


@cache
def _client() -> Any:
    mlflow = _mlflow()
    with _START:
        settings().home.mkdir(parents=True, exist_ok=True)
        client = mlflow.MlflowClient(tracking_uri=settings().tracking_uri)
        client.search_experiments(max_results=1)  # makes the database
        _write_ahead_log()
        return client


def _write_ahead_log() -> None:
    # Readers and the worker's writes then don't block each other: worst write 666 → 48 ms.
    path = settings().tracking_uri.removeprefix("sqlite:///")
    if path != settings().tracking_uri:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()


@cache
def _experiment() -> str:
    client = _client()
    with _START:
        found = client.get_experiment_by_name(_EXPERIMENT)
        if found:
            return str(found.experiment_id)
        location = settings().runs.resolve().as_uri()
        return str(client.create_experiment(_EXPERIMENT, artifact_location=location))


def prepare() -> None:
    """Import MLflow and make its database, so that the first click doesn't wait for it."""
    _experiment()


def forget() -> None:
    """Drop the connection, for tests that change the home."""
    _experiment.cache_clear()
    _client.cache_clear()


def _to_run(found: Any) -> Run:
    info, data = found.info, found.data
    tags = {
        key.removeprefix(_PREFIX): value
        for key, value in data.tags.items()
        if key.startswith(_PREFIX)
    }
    return Run(
        id=info.run_id,
        name=info.run_name or info.run_id[:8],
        status=info.status,
        started=info.start_time / 1000,
        ended=info.end_time / 1000 if info.end_time else None,
        tags=tags,
        params=dict(data.params),
        metrics=dict(data.metrics),
    )


def create_run(name: str, recipe: str, params: dict[str, Any], status: Status) -> str:
    """Record a new run and return its id.

    Args:
        name: Shown to people.
        recipe: The recipe as TOML, saved as the artifact `recipe.toml`.
        params: The recipe's fields.
        status: `"SCHEDULED"` to be queued, `"RUNNING"` when the caller works it off itself.
    """
    client = _client()
    created = client.create_run(_experiment(), run_name=name, tags={_PREFIX + "stage": "queued"})
    run_id = str(created.info.run_id)
    client.log_batch(
        run_id, params=[_param(key, value) for key, value in params.items() if value is not None]
    )
    folder = artifacts(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    client.update_run(run_id, status=status)
    return run_id


def _param(key: str, value: Any) -> Any:
    return _mlflow().entities.Param(key, str(value))


def get_run(run_id: str) -> Run:
    """Return a run; `NotFound` if there is none with this id."""
    client = _client()
    try:
        found = client.get_run(run_id)
    except _mlflow().MlflowException as error:
        raise _missing(run_id) from error
    if found.info.lifecycle_stage == "deleted":
        raise _missing(run_id)
    return _to_run(found)


def _missing(run_id: str) -> NotFound:
    return NotFound(
        "There is no run “{value}”. The list of runs shows those there are.",
        code="run_not_found",
        value=run_id[:40],
    )


def list_runs(statuses: Sequence[Status] = (), limit: int = 200) -> list[Run]:
    """Return the newest runs first, only those with one of `statuses` if any are given."""
    filters = [f"attributes.status = '{status}'" for status in statuses] or [""]
    found = [  # MLflow's filters have no OR
        _to_run(run)
        for text in filters
        for run in _client().search_runs(
            [_experiment()],
            filter_string=text,
            max_results=limit,
            order_by=["attributes.start_time DESC"],
        )
    ]
    return sorted(found, key=lambda run: run.started, reverse=True)


def set_status(run_id: str, status: Status, error: LightboxError | None = None) -> None:
    """Move a run to `status`, with the reason if it failed."""
    if error:
        set_tag(run_id, "error", json.dumps(error.to_json()))
    if status in ACTIVE:
        _client().update_run(run_id, status=status)
    else:
        _client().set_terminated(run_id, status=status)


def set_tag(run_id: str, key: str, value: str) -> None:
    """Set one of Lightbox's own tags."""
    _client().set_tag(run_id, _PREFIX + key, value)


def delete_run(run_id: str) -> None:
    """Take a run out of every list. MLflow keeps it restorable; its folder stays."""
    _client().delete_run(run_id)


def log_points(run_id: str, points: Iterable[Point]) -> None:
    """Write metric values; at most 1000 go into one transaction (57 ms)."""
    metric = _mlflow().entities.Metric
    metrics = [metric(point.key, point.value, point.time_ms, point.step) for point in points]
    for start in range(0, len(metrics), 1000):
        _client().log_batch(run_id, metrics=metrics[start : start + 1000])


def history(run_id: str, key: str, since_step: int = 0) -> list[tuple[int, float]]:
    """Return `(step, value)` of a metric from `since_step` on, evenly sampled to 2000 points.

    Reads only the new part of a curve, so that a live page costs the same at the end of a
    long run as at its start.
    """
    store = _client()._tracking_client.store
    found = store.get_metric_history_bulk_interval(
        [run_id], key, max_results=_MAX_POINTS, start_step=since_step, end_step=2**31
    )
    return [(item.step, item.value) for item in found]


def folder(run_id: str) -> Path:
    """Folder of everything a run writes: log, lock, artifacts."""
    if not run_id.isalnum():
        raise _missing(run_id)
    return settings().runs / run_id


def artifacts(run_id: str) -> Path:
    """Folder of a run's results: recipe, model, card, predictions."""
    return folder(run_id) / "artifacts"


def recipe_of(run_id: str) -> str:
    """Return the recipe of a run as TOML; `NotFound` if there is no run with this id."""
    try:
        return (artifacts(run_id) / "recipe.toml").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise _missing(run_id) from error


def now_ms() -> int:
    """Milliseconds since 1970, as MLflow stamps metrics."""
    return time.time_ns() // 1_000_000
