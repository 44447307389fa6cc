"""What people do with runs: stop, pause, resume, reorder, delete."""

from __future__ import annotations

import time
from pathlib import Path

from dashboard.core.errors import Conflict
from dashboard.core.runs import lock, tracking
from dashboard.core.runs.tracking import Run


def lock_path(run_id: str) -> Path:
    """Lock that a run's worker holds while it lives."""
    return tracking.folder(run_id) / "lock"


def alive(run_id: str) -> bool:
    """Whether a worker on this machine works on the run."""
    return lock.held(lock_path(run_id))


def checkpoints(run_id: str) -> Path:
    """Folder in which a run keeps its position."""
    return tracking.folder(run_id) / "checkpoints"


def resumable(run: Run) -> bool:
    """Whether a run that has ended can go on from where it stood."""
    broken_off = not run.active and run.status != "FINISHED"
    return broken_off and any(checkpoints(run.id).glob("*.checkpoint"))


def stop(run_id: str) -> None:
    """Ask a run to stop: a waiting one ends at once, a working one after its current batch."""
    _ask(run_id, "stop")


def pause(run_id: str) -> None:
    """Ask a run to keep its position and end for now, after its current batch."""
    _ask(run_id, "pause")


def resume(run_id: str) -> None:
    """Put a run that was broken off at the end of the queue, to go on from where it stood.

    Raises:
        Conflict: It is active, has finished, or kept no position (`not_resumable`).
    """
    run = tracking.get_run(run_id)
    if not resumable(run):
        raise Conflict(
            "The run “{name}” cannot be resumed: it is active, has finished, or had not come far "
            "enough to keep its position. Start it anew.",
            code="not_resumable",
            name=run.name,
        )
    for tag in ("control", "halted", "error", "worker"):
        tracking.set_tag(run_id, tag, "")
    tracking.set_tag(run_id, "queue", str(time.time()))
    tracking.set_status(run_id, "SCHEDULED")


def queue() -> list[Run]:
    """Return the waiting runs in the order in which they will start."""
    return sorted(tracking.list_runs(("SCHEDULED",)), key=_place)


def move(run_id: str, earlier: bool) -> None:
    """Let a waiting run change places with the one before or behind it, if there is one."""
    waiting = queue()
    ids = [run.id for run in waiting]
    if run_id not in ids:
        raise Conflict("The run is not waiting any more.", code="run_not_waiting")
    place = ids.index(run_id)
    other = place + (-1 if earlier else 1)
    if 0 <= other < len(waiting):
        first, second = waiting[place], waiting[other]
        tracking.set_tag(first.id, "queue", str(_place(second)))
        tracking.set_tag(second.id, "queue", str(_place(first)))


def _place(run: Run) -> float:
    return float(run.tags.get("queue", run.started))


def _ask(run_id: str, request: str) -> None:
    run = tracking.get_run(run_id)
    if not run.active:
        raise Conflict("The run “{name}” has already ended.", code="run_ended", name=run.name)
    tracking.set_tag(run_id, "control", request)
    if run.status == "SCHEDULED" and not alive(run_id):
        tracking.set_status(run_id, "KILLED")


def delete(run_id: str) -> None:
    """Take an ended run out of the lists."""
    run = tracking.get_run(run_id)
    if run.active:
        raise Conflict(
            "The run “{name}” is still active. Stop it first.", code="run_active", name=run.name
        )
    tracking.delete_run(run_id)
