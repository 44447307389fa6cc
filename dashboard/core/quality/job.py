"""The search in a process of its own, which outlives the page and the server that asked for it.

One at a time for each version: the process holds a lock while it lives, so a dead one is known.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from dashboard.core.atomic import write_bytes
from dashboard.core.data.dataset import Dataset
from dashboard.core.errors import Conflict, LightboxError
from dashboard.core.models.store import get_model
from dashboard.core.quality.inspection import Progress, inspect, place
from dashboard.core.quality.results import Quality
from dashboard.core.runs import lock
from dashboard.core.settings import REPOSITORY, settings
from dashboard.core.text import mark

Result = TypeVar("Result")

STAGES = (
    mark("starting"),
    mark("packing"),
    mark("describing"),
    mark("comparing"),
    mark("verifying"),
    mark("doubting labels"),
    mark("searching outliers"),
    mark("measuring"),
    mark("drawing the map"),
    mark("asking the model"),
    mark("done"),
)
"""What `State.stage` may say, besides the label of a fault."""

_START_S = 60
"""A process that has not taken its lock after this long has died at its start."""

_EVERY_S = 0.3  # between two writes of the progress

_CHILDREN: dict[str, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class State:
    """How far the search is.

    Attributes:
        status: `"none"` where nobody has asked for one.
        stage: What it does now, a key of the text catalogue.
        done: Of `total`, in this stage.
        total: 0 where unknown.
        error: Why it failed: see `LightboxError.to_json`.
        since: Unix seconds of the start.
    """

    status: Literal["none", "running", "done", "failed"]
    stage: str = ""
    done: int = 0
    total: int = 0
    error: dict[str, Any] | None = None
    since: float = 0.0


def start(dataset: Dataset, model: str | None = None) -> State:
    """Begin the search, or the maps by a published model, unless one is under way.

    Returns at once.

    What it prints goes to `quality.log` beside the data set.
    """
    now = state(dataset)
    if now.status == "running":
        return now
    _write(dataset, State("running", "starting", since=time.time()))
    command = [sys.executable, "-m", "dashboard", "quality", dataset.name, "--json"]
    command += ["--version", dataset.version, "--home", str(settings().home)]
    command += ["--map-by", model] if model else []
    with (dataset.path / "quality.log").open("wb") as log:
        _CHILDREN[str(dataset.path)] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=REPOSITORY,
            env={**os.environ, "LIGHTBOX_HOME": str(settings().home)},
        )
    return state(dataset)


def state(dataset: Dataset) -> State:
    """Return how far the search is; cheap enough to ask several times a second."""
    ended = _ended(dataset)  # before the file is read, so that its last words are in it
    path = _progress_path(dataset)
    found = State(**json.loads(path.read_text("utf-8"))) if path.is_file() else State("none")
    if found.status == "none" and (dataset.path / "quality.json").is_file():
        return State("done")
    if found.status == "running" and (ended or _late(dataset, found)):
        found = replace(found, status="failed", error=_died().to_json())
        _write(dataset, found)
    return found


def search(dataset: Dataset, on_progress: Progress | None = None) -> Quality:
    """Search here and now, for `state` to follow.

    Raises:
        Conflict: Another process is at it (`quality_running`).
        LightboxError: What the search raised.
    """
    return _work(dataset, lambda say: inspect(dataset, say), on_progress)


def draw(dataset: Dataset, model: str, on_progress: Progress | None = None) -> None:
    """Draw the maps by a published model here and now, for `state` to follow; see `search`."""
    stored = get_model(model)
    _work(dataset, lambda say: place(dataset, stored, say), on_progress)


def _work(
    dataset: Dataset, action: Callable[[Progress], Result], on_progress: Progress | None
) -> Result:
    with _sole(dataset):
        since = time.time()
        stage_now, written = "starting", 0.0

        def say(done: int, total: int, stage: str) -> None:
            nonlocal stage_now, written
            if stage != stage_now or time.monotonic() - written > _EVERY_S:
                stage_now, written = stage, time.monotonic()
                _write(dataset, State("running", stage, done, total, since=since))
            if on_progress:
                on_progress(done, total, stage)

        try:
            result = action(say)
        except BaseException as error:
            reason = error if isinstance(error, LightboxError) else _died()
            _write(dataset, State("failed", stage_now, error=reason.to_json(), since=since))
            raise
        _write(dataset, State("done", since=since))
        return result


def _sole(dataset: Dataset) -> AbstractContextManager[None]:
    """Hold the version's lock."""
    taken = Conflict(
        "The quality of “{name}” is being checked already. Wait until that has finished.",
        code="quality_running",
        name=dataset.name,
    )
    return lock.sole(_lock_path(dataset), taken)


def _ended(dataset: Dataset) -> bool:
    """Whether a process started from here has ended; also clears it away."""
    child = _CHILDREN.get(str(dataset.path))
    if child is None or child.poll() is None:
        return False
    del _CHILDREN[str(dataset.path)]
    return not lock.held(_lock_path(dataset))


def _late(dataset: Dataset, found: State) -> bool:
    """Whether nobody works on it, although somebody should by now."""
    if str(dataset.path) in _CHILDREN or lock.held(_lock_path(dataset)):
        return False
    if found.stage == "starting" and time.time() - found.since < _START_S:
        return False
    again = State(**json.loads(_progress_path(dataset).read_text("utf-8")))
    return again.status == "running"  # it may have finished between the two looks


def _died() -> LightboxError:
    return LightboxError(
        "The quality check ended without a report. Its log is beside the data set; start it again.",
        code="quality_died",
    )


def _progress_path(dataset: Dataset) -> Path:
    return dataset.path / "quality.state.json"


def _lock_path(dataset: Dataset) -> Path:
    return dataset.path / "quality.lock"


def _write(dataset: Dataset, now: State) -> None:
    write_bytes(_progress_path(dataset), json.dumps(asdict(now)).encode())
