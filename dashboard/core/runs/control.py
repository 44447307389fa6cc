"""Stopping and deleting runs."""

from __future__ import annotations

from pathlib import Path

from dashboard.core.errors import Conflict
from dashboard.core.runs import lock, tracking


def lock_path(run_id: str) -> Path:
    """Lock that a run's worker holds while it lives."""
    return tracking.folder(run_id) / "lock"


def alive(run_id: str) -> bool:
    """Whether a worker on this machine works on the run."""
    return lock.held(lock_path(run_id))


def stop(run_id: str) -> None:
    """Ask a run to stop: a waiting one ends at once, a working one after its current batch."""
    run = tracking.get_run(run_id)
    if not run.active:
        raise Conflict("The run “{name}” has already ended.", code="run_ended", name=run.name)
    tracking.set_tag(run_id, "control", "stop")
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
