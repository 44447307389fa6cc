"""The runs that wait, in the order in which they will start."""

from __future__ import annotations

from dashboard.core.errors import Conflict
from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import ALL, Run


def queue() -> list[Run]:
    """Return the waiting runs in the order in which they will start."""
    return sorted(tracking.list_runs(("SCHEDULED",), ALL), key=_place)


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
    return float(run.tags.get("queue", 0))  # none in a store from before there were places
