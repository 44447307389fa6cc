"""Runs as the store keeps them.

Every function raises what `store.answering` does where the store does not answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dashboard.core.atomic import write_bytes
from dashboard.core.errors import LightboxError, NotFound
from dashboard.core.images import Note
from dashboard.core.runs import store
from dashboard.core.runs.places import next_place
from dashboard.core.settings import settings

Status = Literal["SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"]
ACTIVE: tuple[Status, ...] = ("SCHEDULED", "RUNNING")

MAX_NAME = 200
"""Longest name of a run, in characters."""

_PREFIX = "lightbox."
_MAX_POINTS = 2000
_NO_SUCH_RUN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # MLflow's codes
ALL = 50_000
"""Most runs that MLflow gives at once."""


@dataclass(frozen=True)
class Run:
    """One run as it stands now.

    Attributes:
        id: MLflow run id.
        name: Name shown to people.
        status: KILLED means stopped by a person.
        started: Unix seconds of its creation.
        ended: Unix seconds of its end, or None.
        tags: Lightbox's own tags without their prefix: `stage`, `worker`, `control`, `queue`,
            `error`, `notes`, `seconds`, …
        params: The recipe, flattened.
        metrics: Latest value of each metric.
        deleted: Whether it was taken out of the lists.
    """

    id: str
    name: str
    status: Status
    started: float
    ended: float | None
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    deleted: bool = False

    @property
    def active(self) -> bool:
        """Whether the run waits or works."""
        return self.status in ACTIVE

    @property
    def seconds(self) -> float | None:
        """How long it was worked on, without waiting; None until it ends."""
        return float(self.tags["seconds"]) if "seconds" in self.tags else None

    @property
    def notes(self) -> list[Note]:
        """What is worth telling of it."""
        return [Note.from_json(note) for note in json.loads(self.tags.get("notes") or "[]")]

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


def prepare() -> None:
    """Open the store, so that the first click doesn't wait for it."""
    store.experiment()


def forget() -> None:
    """Drop the connection to the store, for tests that change the home."""
    store.forget()


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
        deleted=info.lifecycle_stage == "deleted",
    )


def create_run(
    name: str,
    recipe: str,
    params: dict[str, Any],
    status: Status,
    tags: dict[str, str] | None = None,
) -> str:
    """Record a new run and return its id.

    Args:
        name: Shown to people; what no screen shows is taken out, and the end of a long one.
        recipe: The recipe as TOML, saved as the artifact `recipe.toml`.
        params: The recipe's fields.
        status: `"SCHEDULED"` to be queued, `"RUNNING"` when the caller works it off itself.
        tags: Lightbox's own, to begin with.
    """
    fields = {key: str(value) for key, value in params.items() if value is not None}
    first = {"stage": "queued", "queue": next_place(), **(tags or {})}
    prefixed = {_PREFIX + key: value for key, value in first.items()}
    with store.answering() as client:
        created = client.create_run(store.experiment(), run_name=_cleaned(name), tags=prefixed)
        run_id = str(created.info.run_id)
        param = store.entities().Param
        client.log_batch(run_id, params=[param(key, value) for key, value in fields.items()])
        write_bytes(artifacts(run_id) / "recipe.toml", recipe.encode())
        client.update_run(run_id, status=status)
    return run_id


def _cleaned(name: str) -> str:
    """Return `name` as every store can keep it: databases refuse halves of characters and NUL."""
    kept = "".join(sign if sign.isprintable() else " " for sign in name)
    return kept.strip()[:MAX_NAME] or "–"


def get_run(run_id: str) -> Run:
    """Return a run; `NotFound` if there is none with this id."""
    with store.answering() as client:
        try:
            found = client.get_run(run_id)
        except Exception as error:
            if getattr(error, "error_code", "") in _NO_SUCH_RUN:
                raise _missing(run_id) from error
            raise
    run = _to_run(found)
    if run.deleted:
        raise _missing(run_id)
    return run


def _missing(run_id: str) -> NotFound:
    return NotFound(
        "There is no run “{value}”. The list of runs shows those there are.",
        code="run_not_found",
        value=run_id[:40],
    )


def list_runs(statuses: Sequence[Status] = (), limit: int = 200) -> list[Run]:
    """Return the newest runs first, only those with one of `statuses` if any are given.

    Args:
        statuses: All if empty.
        limit: Most runs of a status; at most `ALL`.
    """
    filters = [f"attributes.status = '{status}'" for status in statuses] or [""]
    with store.answering() as client:
        found = [  # MLflow's filters have no OR
            _to_run(run)
            for text in filters
            for run in client.search_runs(
                [store.experiment()],
                filter_string=text,
                max_results=limit,
                order_by=["attributes.start_time DESC"],
            )
        ]
    return sorted(found, key=lambda run: run.started, reverse=True)


def tagged_runs(key: str, value: str) -> list[Run]:
    """Return the runs, deleted ones too, whose tag `key` is `value`, the oldest first.

    Args:
        key: Of one of Lightbox's own tags.
        value: Without quotes.
    """
    with store.answering() as client:
        found = client.search_runs(
            [store.experiment()],
            filter_string=f"tags.`{_PREFIX}{key}` = '{value}'",
            run_view_type=store.entities().ViewType.ALL,
            max_results=ALL,
            order_by=["attributes.start_time ASC"],
        )
    return [_to_run(run) for run in found]


def set_status(run_id: str, status: Status, error: LightboxError | None = None) -> None:
    """Move a run to `status`, with the reason if it failed."""
    if error:
        set_tags(run_id, {"error": json.dumps(error.to_json())})
    with store.answering() as client:
        if status in ACTIVE:
            client.update_run(run_id, status=status)
        else:
            client.set_terminated(run_id, status=status)


def set_tag(run_id: str, key: str, value: str) -> None:
    """Set one of Lightbox's own tags."""
    set_tags(run_id, {key: value})


def set_tags(run_id: str, tags: dict[str, str]) -> None:
    """Set several of Lightbox's own tags, all or none."""
    with store.answering() as client:
        tag = store.entities().RunTag
        client.log_batch(run_id, tags=[tag(_PREFIX + key, value) for key, value in tags.items()])


def delete_run(run_id: str) -> None:
    """Take a run out of every list. MLflow keeps it restorable; its folder stays."""
    with store.answering() as client:
        client.delete_run(run_id)


def log_points(run_id: str, points: Iterable[Point]) -> None:
    """Write metric values; at most 1000 go into one transaction (57 ms)."""
    with store.answering() as client:
        metric = store.entities().Metric
        metrics = [metric(point.key, point.value, point.time_ms, point.step) for point in points]
        for start in range(0, len(metrics), 1000):
            client.log_batch(run_id, metrics=metrics[start : start + 1000])


def history(run_id: str, key: str, since_step: int = 0) -> list[tuple[int, float]]:
    """Return `(step, value)` of a metric from `since_step` on, evenly sampled to 2000 points.

    Reads only the new part of a curve, so that a live page costs the same at the end of a
    long run as at its start.
    """
    # A run that was resumed has been at some steps twice.
    return list({item.step: item.value for item in _points(run_id, key, since_step)}.items())


def times(run_id: str, key: str) -> list[tuple[int, float]]:
    """Return (step, Unix seconds) of when a metric was noted, sampled as `history` does it."""
    return list({item.step: item.timestamp / 1000 for item in _points(run_id, key)}.items())


def _points(run_id: str, key: str, since_step: int = 0) -> list[Any]:
    with store.answering() as client:
        found: list[Any] = client._tracking_client.store.get_metric_history_bulk_interval(
            [run_id], key, max_results=_MAX_POINTS, start_step=since_step, end_step=2**31
        )
    return found


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
