"""How long a sweep will take, judged by runs that have finished."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Run
from dashboard.core.sweeps.combinations import corners
from dashboard.core.sweeps.sweep import MAX_TRIALS, Sweep
from dashboard.core.sweeps.trials import Trial
from dashboard.core.training.recipe import parse_recipe

_START_S = 8.0
"""TensorFlow's start, before the first epoch, and the export after the last, on two CPU cores."""

_RUNS = 100  # the newest: machine and data set may have been others before


def expected_s(sweep: Sweep) -> float | None:
    """Return how many seconds all runs take one after the other.

    Args:
        sweep: What is to be tried.

    Returns:
        None where no run with one of the networks on this data set has finished. Runs that are
        stopped early take less.
    """
    per_epoch = _per_epoch(tracking.list_runs(("FINISHED",), _RUNS))
    recipes = [parse_recipe(sweep.fields(values)) for values in corners(sweep.search, MAX_TRIALS)]
    known = [per_epoch.get((recipe.dataset, recipe.network)) for recipe in recipes]
    times = [
        _START_S + seconds * recipe.epochs
        for recipe, seconds in zip(recipes, known, strict=True)
        if seconds is not None
    ]
    return sum(times) / len(times) * sweep.trials if len(times) == len(recipes) else None


def left_s(sweep: Sweep, trials: Sequence[Trial]) -> float | None:
    """Return how many seconds the missing runs take if they take as long as those before."""
    took = [trial.run.seconds for trial in trials if trial.run.seconds and not trial.open]
    ended = sum(not trial.open for trial in trials)
    return sum(took) / len(took) * (sweep.trials - ended) if took else None


def _per_epoch(runs: Sequence[Run]) -> dict[tuple[str, str], float]:
    """Data set and network → seconds per epoch of the newest run with them."""
    found: dict[tuple[str, str], float] = {}
    for run in runs:
        epochs, key = run.metrics.get("epoch"), (run.params["dataset"], run.params["network"])
        if epochs and run.seconds and key not in found:
            found[key] = max(run.seconds - _START_S, 0.0) / epochs
    return found
