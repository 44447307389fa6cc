"""REST routes of sweeps."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from dashboard.api.access import require_change
from dashboard.api.uploads import MAX_JSON_BYTES, limited_route
from dashboard.core.errors import LightboxError
from dashboard.core.sweeps import store
from dashboard.core.sweeps.search import Value
from dashboard.core.sweeps.store import Status, StoredSweep
from dashboard.core.sweeps.study import importances
from dashboard.core.sweeps.sweep import MethodId, parse_sweep
from dashboard.core.sweeps.trials import State, Trial, best_of, ranked, trials_of

router = APIRouter(prefix="/sweeps", tags=["sweeps"], route_class=limited_route(MAX_JSON_BYTES))


class SweepOut(BaseModel):
    """A sweep in the list."""

    id: str
    name: str
    status: Status
    created: float = Field(description="Unix seconds")
    error: str | None

    @classmethod
    def of(cls, stored: StoredSweep) -> SweepOut:
        """Take over what concerns clients."""
        error = str(LightboxError.from_json(stored.error)) if stored.error else None
        return cls(
            id=stored.id,
            name=stored.name,
            status=stored.status,
            created=stored.created,
            error=error,
        )


class TrialOut(BaseModel):
    """One run of a sweep."""

    number: int = Field(description="From 1")
    run_id: str
    state: State = Field(description="pruned: stopped early by the sweep")
    values: dict[str, Value] = Field(description="What was varied, by field of the recipe")
    val_accuracy: float | None = Field(description="Of the weights it has now, or has kept")

    @classmethod
    def of(cls, trial: Trial) -> TrialOut:
        """Take over what concerns clients."""
        return cls(
            number=trial.number,
            run_id=trial.run.id,
            state=trial.state,
            values=trial.values,
            val_accuracy=trial.accuracy,
        )


class SweepDetail(SweepOut):
    """A sweep with its runs."""

    method: MethodId
    n_trials: int = Field(description="How many runs there will be")
    toml: str = Field(description="The sweep's file")
    trials: list[TrialOut] = Field(description="Highest validation accuracy first")
    best: TrialOut | None
    importances: dict[str, float] = Field(
        description="Field → its share in whether a run is among the best; a hint under ten runs"
    )


def _detail(sweep_id: str) -> SweepDetail:
    stored = store.get(sweep_id)
    sweep, trials = stored.sweep, trials_of(sweep_id)
    best = best_of(trials)
    return SweepDetail(
        **SweepOut.of(stored).model_dump(),
        method=sweep.method,
        n_trials=sweep.trials,
        toml=stored.text,
        trials=[TrialOut.of(trial) for trial in ranked(trials)],
        best=TrialOut.of(best) if best else None,
        importances=importances(sweep.search, ranked(trials)),
    )


@router.post("", status_code=201, dependencies=[Depends(require_change)])
def start(sweep: dict[str, Any]) -> SweepDetail:
    """Start a sweep; the body holds the fields of a recipe, `search`, and perhaps `sweep`.

    `{"network": "doc-001", "sweep": {"method": "random", "trials": 8},
    "search": {"learning_rate": {"low": 0.0001, "high": 0.1, "log": true}}}`
    """
    return _detail(store.create(parse_sweep(sweep)))


@router.get("")
def sweeps() -> list[SweepOut]:
    """List the sweeps, newest first."""
    return [SweepOut.of(stored) for stored in store.list_sweeps()]


@router.get("/{sweep_id}")
def sweep(sweep_id: str) -> SweepDetail:
    """Return one sweep with its runs, the best first."""
    return _detail(sweep_id)


@router.post("/{sweep_id}/stop", dependencies=[Depends(require_change)])
def stop(sweep_id: str) -> SweepDetail:
    """Stop the active run of a sweep after its current batch, and start no more."""
    store.stop(sweep_id)
    return _detail(sweep_id)


@router.post("/{sweep_id}/resume", dependencies=[Depends(require_change)])
def resume(sweep_id: str) -> SweepDetail:
    """Let a sweep that was stopped or failed go on with the runs that are missing."""
    store.resume(sweep_id)
    return _detail(sweep_id)
