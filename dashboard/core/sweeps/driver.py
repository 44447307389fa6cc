"""Works the sweeps off: begins their runs, stops early what is behind, notes the end.

It belongs to the supervisor, of which a home has one. It remembers nothing that matters: whoever
comes after a killed one reads from the runs what was begun and how it went.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress

import tomlkit

from dashboard.core.errors import Conflict, InvalidInput, LightboxError, NotFound
from dashboard.core.runs import control, tracking
from dashboard.core.settings import settings
from dashboard.core.sweeps import store
from dashboard.core.sweeps.search import Value
from dashboard.core.sweeps.store import StoredSweep
from dashboard.core.sweeps.study import is_behind, next_values
from dashboard.core.sweeps.sweep import Sweep
from dashboard.core.sweeps.trials import (
    ATTEMPT,
    PRUNED,
    SWEEP,
    TRIAL,
    VALUES,
    VOID,
    Trial,
    accuracies,
    trials_of,
)
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe

_LOG = logging.getLogger(__name__)


class Driver:
    """Moves every active sweep on; see `look`."""

    def __init__(self) -> None:
        self._judged: dict[str, int] = {}  # run id → epochs
        self._curves: dict[str, list[float]] = {}  # of runs that have ended

    def look(self) -> None:
        """Look once at every active sweep; what goes wrong with one leaves the others alone."""
        for stored in store.list_sweeps():
            if not stored.active:
                continue
            try:
                self._advance(stored)
            except LightboxError as error:  # the store does not answer, or the disk is full
                _LOG.warning("sweep %s waits: %s", stored.id, error)
            except Exception:
                _LOG.exception("sweep %s cannot go on now", stored.id)

    def _advance(self, stored: StoredSweep) -> None:
        trials = trials_of(stored.id)
        if stored.status == "stopping":
            _stop(stored, trials)
            return
        try:
            sweep = stored.sweep
        except LightboxError as error:  # its file was changed, or a model it starts from is gone
            store.change(stored.id, ("running",), "failed", error=error)
            return
        if _repair(stored, sweep, trials):
            return
        if sweep.method == "asha":
            self._judge(sweep, trials)
        n_open = sum(trial.open for trial in trials)
        left = sorted(set(range(1, sweep.trials + 1)) - {trial.number for trial in trials})
        if left and n_open < settings().max_running:
            _begin(stored.id, sweep, left[0], next_values(sweep, left[0], trials))
        elif not left and not n_open:
            store.change(stored.id, ("running",), "finished")

    def _judge(self, sweep: Sweep, trials: list[Trial]) -> None:
        """Stop the runs that are behind after an epoch."""
        for trial in trials:
            run = trial.run
            epoch, before = int(run.metrics.get("epoch", 0)), self._judged.get(run.id, 0)
            ends = epoch >= int(run.params.get("epochs", 0))
            if run.status != "RUNNING" or epoch <= before or ends or run.tags.get("control"):
                continue
            curves = {other.number: self._curve(other) for other in trials}
            if is_behind(sweep, trial.number, curves, before):
                tracking.set_tag(run.id, PRUNED, str(epoch))
                with suppress(Conflict):  # it has just ended
                    control.stop(run.id)
            self._judged[run.id] = len(curves[trial.number])

    def _curve(self, trial: Trial) -> list[float]:
        known = self._curves.get(trial.run.id)
        if known is not None:
            return known
        curve = accuracies(trial.run.id)
        if not trial.open:
            self._curves[trial.run.id] = curve
        return curve


def _begin(
    sweep_id: str, sweep: Sweep, number: int, values: dict[str, Value], attempt: int = 1
) -> None:
    fields = sweep.fields(values)
    tags = {SWEEP: sweep_id, TRIAL: str(number), VALUES: json.dumps(values), ATTEMPT: str(attempt)}
    try:
        submit(parse_recipe(fields), tags=tags)
    except (InvalidInput, NotFound) as refused:  # such as a data set that is gone
        text = tomlkit.dumps({key: value for key, value in fields.items() if value is not None})
        run_id = tracking.create_run(f"{sweep.name} · {number}", text, fields, "RUNNING", tags)
        tracking.set_status(run_id, "FAILED", refused)


def _repair(stored: StoredSweep, sweep: Sweep, trials: list[Trial]) -> bool:
    """Let a trial whose process was ended go on; return whether there was one."""
    broken_off = next((trial for trial in trials if trial.open and trial.broken_off), None)
    if not broken_off:
        return False
    run, attempt = broken_off.run, broken_off.attempt + (broken_off.state == "failed")
    if control.resumable(run):
        tracking.set_tag(run.id, ATTEMPT, str(attempt))
        control.resume(run.id)
    else:
        tracking.set_tag(run.id, VOID, "1")
        tracking.delete_run(run.id)
        _begin(stored.id, sweep, broken_off.number, broken_off.values, attempt)
    return True


def _stop(stored: StoredSweep, trials: list[Trial]) -> None:
    active = [trial.run for trial in trials if trial.run.active and not trial.run.deleted]
    for run in active:
        if run.tags.get("control") != "stop":
            with suppress(Conflict):  # it has just ended
                control.stop(run.id)
    if not active:
        store.change(stored.id, ("stopping",), "stopped")
