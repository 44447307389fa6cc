"""What people do with runs: stop, pause, resume, delete."""

from __future__ import annotations

from pathlib import Path

from dashboard.core.errors import Conflict
from dashboard.core.runs import lock, tracking
from dashboard.core.runs.places import next_place
from dashboard.core.runs.tracking import Run

DIVERGED = "loss_not_finite"
"""Code of the error of a run whose loss stopped being a number."""


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
    """Whether a run that has ended can go on from where it stood.

    One that diverged cannot: it would again. One that was halted before its first batch can.
    """
    if run.active or run.status == "FINISHED" or (run.error and run.error.code == DIVERGED):
        return False
    return bool(run.tags.get("halted")) or any(checkpoints(run.id).glob("*.checkpoint"))


def stop(run_id: str) -> None:
    """Ask a run to stop: a waiting one ends at once, a working one after its current batch."""
    _ask(run_id, "stop")


def pause(run_id: str) -> None:
    """Ask a run to keep its position and end for now: at once, or after its current batch."""
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
    cleared = dict.fromkeys(("control", "halted", "error", "worker", "notes", "stage_count"), "")
    tracking.set_tags(run_id, {**cleared, "stage": "queued", "queue": next_place()})
    tracking.set_status(run_id, "SCHEDULED")


def _ask(run_id: str, request: str) -> None:
    run = tracking.get_run(run_id)
    if not run.active:
        raise Conflict("The run “{name}” has already ended.", code="run_ended", name=run.name)
    tracking.set_tag(run_id, "control", request)
    if run.status == "SCHEDULED" and not alive(run_id):
        if request == "pause":
            tracking.set_tag(run_id, "halted", request)  # no worker will say so
        tracking.set_status(run_id, "KILLED")


def delete(run_id: str) -> None:
    """Take an ended run out of the lists."""
    run = tracking.get_run(run_id)
    if run.active:
        raise Conflict(
            "The run “{name}” is still active. Stop it first.", code="run_active", name=run.name
        )
    tracking.delete_run(run_id)
