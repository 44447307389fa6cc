"""The runs of a sweep: what each tried and how it went."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from dashboard.core.runs import tracking
from dashboard.core.runs.tracking import Run
from dashboard.core.sweeps.search import Value
from dashboard.core.text import mark

SWEEP, TRIAL, VALUES = "sweep", "trial", "values"
"""Tags of a run: the sweep's id, the trial's number from 1, and what was varied as JSON."""

ATTEMPT = "attempt"
"""Tag: which process works on the trial, 1 at first, where those before died without a word."""

VOID = "void"
"""Tag of a run that was broken off before it had kept a position, and was begun anew."""

PRUNED = "pruned"
"""Tag: the epoch after which the sweep stopped the run, because others were better."""

_ATTEMPTS = 2
"""Processes of a trial that may die without a word: one dies with the machine it runs on, but one
that takes too much memory would die again and again."""

State = Literal["waiting", "running", "paused", "finished", "pruned", "stopped", "failed"]

LABELS: dict[State, str] = {
    "waiting": mark("waiting"),
    "running": mark("running"),
    "paused": mark("paused"),
    "finished": mark("finished"),
    "pruned": mark("stopped early"),
    "stopped": mark("stopped"),
    "failed": mark("failed"),
}
"""State → its name shown to people."""


@dataclass(frozen=True)
class Trial:
    """One run of a sweep.

    Attributes:
        number: From 1; of a grid, which combination.
        run: It.
        values: Field → what was tried.
        accuracy: Share of the validation images that were right, by the weights that the run has
            now or has kept; None before the first epoch ends.
    """

    number: int
    run: Run
    values: dict[str, Value]
    accuracy: float | None

    @property
    def state(self) -> State:
        """How it goes or how it ended."""
        if self.run.tags.get("halted"):
            return "paused"
        if self.run.status == "KILLED" and not _is_complete(self.run):
            return "pruned" if was_pruned(self.run) else "stopped"
        return _STATES[self.run.status]

    @property
    def open(self) -> bool:
        """Whether it may still come to another end."""
        going = self.state in ("waiting", "running", "paused") or self.broken_off
        return going and not self.run.deleted

    @property
    def broken_off(self) -> bool:
        """Whether its process was ended, and another is to go on with it."""
        if self.run.tags.get("halted") == "interrupt":
            return True
        error = self.run.error if self.run.status == "FAILED" else None
        died = error is not None and error.code == "worker_died"
        return died and self.attempt < _ATTEMPTS

    @property
    def attempt(self) -> int:
        """Which process works on it, from 1."""
        return int(self.run.tags.get(ATTEMPT, 1))


_STATES: dict[str, State] = {
    "KILLED": "finished",  # it was asked to stop in its last epoch
    "SCHEDULED": "waiting",
    "RUNNING": "running",
    "FINISHED": "finished",
    "FAILED": "failed",
}


def was_pruned(run: Run) -> bool:
    """Whether a sweep stopped the run before its end."""
    return run.status == "KILLED" and bool(run.tags.get(PRUNED)) and not _is_complete(run)


def _is_complete(run: Run) -> bool:
    return 0 < int(run.params.get("epochs", 0)) <= run.metrics.get("epoch", 0)


def trials_of(sweep_id: str) -> list[Trial]:
    """Return the trials of a sweep by number, also those whose run somebody has deleted."""
    found = {}
    for run in tracking.tagged_runs(SWEEP, sweep_id):
        if not run.tags.get(VOID):
            number = int(run.tags[TRIAL])
            found[number] = Trial(number, run, json.loads(run.tags[VALUES]), _accuracy(run))
    return [found[number] for number in sorted(found)]


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """Return the trial with the highest validation accuracy, the first of several.

    One that was stopped early counts only where none has finished: how its recipe would have
    ended nobody knows.
    """
    shown = [trial for trial in trials if trial.accuracy is not None and not trial.run.deleted]
    for states in (("finished",), ("pruned", "stopped")):
        found = [trial for trial in shown if trial.state in states]
        if found:
            return max(found, key=lambda trial: trial.accuracy or 0)
    return None


def ranked(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials whose run is still there, the highest validation accuracy first."""
    shown = [trial for trial in trials if not trial.run.deleted]
    return sorted(shown, key=lambda t: -1.0 if t.accuracy is None else t.accuracy, reverse=True)


def accuracies(run_id: str) -> list[float]:
    """Return the validation accuracy after each epoch of a run."""
    return [value for _, value in tracking.history(run_id, "val_accuracy")]


def _accuracy(run: Run) -> float | None:
    over = run.status in ("FINISHED", "KILLED") and not run.tags.get("halted")
    if over and int(run.params.get("early_stopping", 0)):
        return _of_lowest_loss(run.id)
    return run.metrics.get("val_accuracy")


@lru_cache(maxsize=1024)  # of runs that have ended: it stays what it is
def _of_lowest_loss(run_id: str) -> float | None:
    """The accuracy of the weights that early stopping keeps."""
    losses = [value for _, value in tracking.history(run_id, "val_loss")]
    found = list(zip(losses, accuracies(run_id), strict=False))
    return min(found)[1] if found else None
