"""What the command `sweep` does: a line for each run that ends, then all of them, best first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboard.core.runs import tracking
from dashboard.core.sweeps import store
from dashboard.core.sweeps.foreground import begin, work_off
from dashboard.core.sweeps.store import Status
from dashboard.core.sweeps.sweep import Sweep
from dashboard.core.sweeps.trials import LABELS, Trial, best_of, ranked, trials_of


@dataclass(frozen=True)
class Outcome:
    """What a sweep found.

    Attributes:
        id: Of the sweep.
        status: Of the sweep.
        trials: The best first.
        best: The best of them, or None.
        recipe: Of the best, as TOML.
    """

    id: str
    status: Status
    trials: list[Trial]
    best: Trial | None
    recipe: str

    def to_json(self) -> dict[str, Any]:
        """Return what the command prints with `--json`."""
        return {
            "id": self.id,
            "status": self.status,
            "trials": [_row(trial) for trial in self.trials],
            "best": _row(self.best) if self.best else None,
            "recipe": self.recipe,
        }

    def rows(self, t: Callable[..., str]) -> list[dict[str, Any]]:
        """Return the rows of a table, in the words of `t`."""
        return [
            {
                "n": trial.number,
                t("validation accuracy"): _percent(trial),
                **trial.values,
                t("status"): t(LABELS[trial.state]),
                t("run"): trial.run.id,
            }
            for trial in self.trials
        ]


def run_sweep(
    plan: str,
    trials: int | None,
    before: Callable[[Sweep], None],
    t: Callable[..., str],
    say: Callable[[str], None],
) -> Outcome:
    """Work a sweep off here and now.

    Args:
        plan: TOML file or id of a sweep.
        trials: Other than in the file, if given.
        before: Called with the sweep before it is kept.
        t: Translates.
        say: Takes each line of progress.
    """
    sweep_id = begin(plan, trials, before)
    total = store.get(sweep_id).sweep.trials
    say(t("sweep {id}: {n} runs; Ctrl+C stops it", id=sweep_id, n=total))

    def show(trial: Trial) -> None:
        values = ", ".join(f"{name} {value}" for name, value in trial.values.items())
        line = f"{trial.number}/{total}  {_percent(trial):>6}  {values}  {t(LABELS[trial.state])}"
        say(line)

    stored = work_off(sweep_id, show)
    if stored.status == "stopped":
        say(t("Stopped. This goes on with it: {command}", command=f"sweep {sweep_id}"))
    found = trials_of(sweep_id)
    best = best_of(found)
    recipe = tracking.recipe_of(best.run.id) if best else ""
    return Outcome(sweep_id, stored.status, ranked(found), best, recipe)


def _percent(trial: Trial) -> str:
    return "–" if trial.accuracy is None else f"{trial.accuracy:.1%}"


def _row(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "run_id": trial.run.id,
        "values": trial.values,
        "val_accuracy": trial.accuracy,
        "state": trial.state,
    }
