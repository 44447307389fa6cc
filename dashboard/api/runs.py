"""REST routes of training runs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from dashboard.api.access import require_change
from dashboard.api.uploads import MAX_JSON_BYTES, limited_route
from dashboard.core.evaluate.compare import compare_runs
from dashboard.core.evaluate.comparison import Comparison
from dashboard.core.models.card import Card
from dashboard.core.runs import control, queue, tracking
from dashboard.core.runs.live import News, news
from dashboard.core.runs.tracking import Run, Status
from dashboard.core.training.jobs import publish_run, submit
from dashboard.core.training.recipe import parse_recipe

router = APIRouter(prefix="/runs", tags=["runs"], route_class=limited_route(MAX_JSON_BYTES))


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


class LiveOut(BaseModel):
    """What is new of a run, for those who ask several times a second."""

    revision: str = Field(description="Changes when there is more to tell than is in here")
    stage: str
    stage_count: str = Field(description="done/total where the stage counts, else empty")
    epoch: int = Field(description="From 1; 0 before the first")
    epochs: int
    step: int = Field(description="Batches trained")
    steps: int = Field(description="Batches of the whole run")
    images_per_second: float
    seconds_left: tuple[float, float] | None = Field(description="At the faster, slower batches")
    memory_mb: float | None
    gpu_memory_mb: float | None
    stretch: int = Field(description="Batches that a point stands for; a power of two")
    curves: dict[str, dict[str, list[tuple[int, float]]]] = Field(
        description="Metric → batches, smoothed, epochs → (last batch, mean)"
    )

    @classmethod
    def of(cls, news: News) -> LiveOut:
        """Take over what concerns clients."""
        tags, metrics, now = news.run.tags, news.run.metrics, news.progress
        return cls(
            revision=news.revision,
            stage=tags.get("stage", ""),
            stage_count=tags.get("stage_count", ""),
            epoch=now.epoch,
            epochs=now.epochs,
            step=now.step,
            steps=now.steps,
            images_per_second=now.images_per_second,
            seconds_left=now.eta_range_s,
            memory_mb=metrics.get("memory_mb"),
            gpu_memory_mb=metrics.get("gpu_memory_mb"),
            stretch=news.stretch,
            curves=news.curves,
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


@router.get("/{run_id}/live")
def live(
    run_id: str,
    key: Annotated[list[str], Query(description="Metrics whose curves are wanted")] = [],  # noqa: B006
    since_step: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    stretch: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> LiveOut:
    """Return what is new of a run: of its curves the points after `since_step`.

    All points are returned where `stretch` is no longer that of the answer before.
    """
    return LiveOut.of(news(run_id, key, since_step, stretch))


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
