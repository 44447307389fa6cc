"""REST routes of training runs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from dashboard.api.access import require_change
from dashboard.core.evaluate.compare import compare_runs
from dashboard.core.evaluate.comparison import Comparison
from dashboard.core.models.card import Card
from dashboard.core.runs import control, queue, tracking
from dashboard.core.runs.tracking import Run, Status
from dashboard.core.training.jobs import publish_run, submit
from dashboard.core.training.recipe import parse_recipe

router = APIRouter(prefix="/runs", tags=["runs"])


class RunOut(BaseModel):
    """A run as it stands now."""

    id: str
    name: str
    status: Status
    stage: str
    started: float = Field(description="Unix seconds")
    ended: float | None
    recipe: dict[str, str]
    metrics: dict[str, float] = Field(description="Latest value of each metric")
    seconds: float | None = Field(description="Worked on, without waiting; null until it ends")
    error: str | None
    halted: str = Field(description="pause or interrupt, if it keeps its position; else empty.")
    resumable: bool

    @classmethod
    def of(cls, run: Run) -> RunOut:
        """Take over what concerns clients."""
        return cls(
            id=run.id,
            name=run.name,
            status=run.status,
            stage=run.tags.get("stage", ""),
            started=run.started,
            ended=run.ended,
            recipe=run.params,
            metrics=run.metrics,
            seconds=run.seconds,
            error=str(run.error) if run.error else None,
            halted=run.tags.get("halted", ""),
            resumable=control.resumable(run),
        )


class PublishIn(BaseModel):
    """Under which name a run's model is published."""

    name: str


class MoveIn(BaseModel):
    """Which way a waiting run moves."""

    earlier: bool


@router.post("", status_code=201, dependencies=[Depends(require_change)])
def start(recipe: dict[str, Any]) -> RunOut:
    """Queue a run; the body holds the fields of a recipe."""
    return RunOut.of(tracking.get_run(submit(parse_recipe(recipe))))


@router.get("")
def runs() -> list[RunOut]:
    """List the runs, newest first."""
    return [RunOut.of(run) for run in tracking.list_runs()]


@router.get("/compare")
def compare(
    ids: Annotated[str, Query(description="Two to six ids of runs, with commas between.")],
) -> Comparison:
    """Say what differs between runs, how good each is, and whether that is more than luck."""
    return compare_runs([run_id for run_id in ids.split(",") if run_id])


@router.get("/{run_id}")
def run(run_id: str) -> RunOut:
    """Return one run."""
    return RunOut.of(tracking.get_run(run_id))


@router.get("/{run_id}/metrics")
def metrics(
    run_id: str, since_step: Annotated[int, Query(ge=0, lt=2**31)] = 0
) -> dict[str, list[tuple[int, float]]]:
    """Return each metric's (step, value) from `since_step` on, sampled to 2000 points."""
    latest = tracking.get_run(run_id).metrics
    return {key: tracking.history(run_id, key, since_step) for key in sorted(latest)}


@router.post("/{run_id}/stop", dependencies=[Depends(require_change)])
def stop(run_id: str) -> RunOut:
    """Ask a run to stop after its current batch."""
    control.stop(run_id)
    return RunOut.of(tracking.get_run(run_id))


@router.post("/{run_id}/pause", dependencies=[Depends(require_change)])
def pause(run_id: str) -> RunOut:
    """Ask a run to keep its position after its current batch and end for now."""
    control.pause(run_id)
    return RunOut.of(tracking.get_run(run_id))


@router.post("/{run_id}/resume", dependencies=[Depends(require_change)])
def resume(run_id: str) -> RunOut:
    """Queue a run that was broken off, to go on from where it stood."""
    control.resume(run_id)
    return RunOut.of(tracking.get_run(run_id))


@router.post("/{run_id}/move", dependencies=[Depends(require_change)])
def move(run_id: str, body: MoveIn) -> list[RunOut]:
    """Let a waiting run change places with its neighbour; return the queue."""
    queue.move(run_id, body.earlier)
    return [RunOut.of(run) for run in queue.queue()]


@router.post("/{run_id}/publish", status_code=201, dependencies=[Depends(require_change)])
def publish(run_id: str, body: PublishIn) -> Card:
    """Make the run's model available to Explain and Classify."""
    return publish_run(run_id, body.name)
