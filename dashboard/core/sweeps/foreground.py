"""A sweep worked off here and now, for the command line."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from dashboard.core.errors import InvalidInput, NotFound
from dashboard.core.runs.supervisor import Supervisor
from dashboard.core.sweeps import store
from dashboard.core.sweeps.driver import Driver
from dashboard.core.sweeps.store import StoredSweep
from dashboard.core.sweeps.sweep import Sweep, parse_sweep_toml
from dashboard.core.sweeps.trials import Trial, trials_of

_INTERVAL_S = 0.5


def begin(
    file_or_id: str, trials: int | None, before: Callable[[Sweep], None] = lambda sweep: None
) -> str:
    """Keep the sweep of a file, or let one that has stopped go on, and return its id.

    Args:
        file_or_id: TOML file, or the id of a sweep.
        trials: Other than in the file, if given.
        before: Called with the checked sweep before it is kept.

    Raises:
        NotFound: There is no such file, sweep or data set.
        InvalidInput: The file is wrong, or `trials` is given for a sweep that has begun.
    """
    if re.fullmatch("[0-9a-f]{12}", file_or_id) and not Path(file_or_id).exists():
        stored = store.get(file_or_id)
        if trials is not None:
            raise InvalidInput(
                "`--trials` is for a file; the sweep “{name}” has begun with {n}.",
                code="invalid_option",
                name=stored.name,
                n=stored.sweep.trials,
            )
        if stored.status in ("stopped", "failed"):
            store.resume(stored.id)
        return stored.id
    text = _read(Path(file_or_id))
    sweep = parse_sweep_toml(text, trials)
    before(sweep)
    return store.create(sweep, "" if trials else text)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")  # some editors begin a file with a mark
    except FileNotFoundError as error:
        raise NotFound(
            "There is no sweep “{value}”. Give a TOML file or the id of a sweep.",
            code="sweep_not_found",
            value=str(path)[:80],
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "The sweep “{value}” is not a text file.", code="invalid_sweep", value=path.name
        ) from error


def work_off(sweep_id: str, on_end: Callable[[Trial], None]) -> StoredSweep:
    """Return when the sweep has ended; each of its runs is worked off in a process of its own.

    Where Lightbox is running on the same home, its supervisor does the work and this one waits.
    What stands in the queue before a run is worked off before it. Interrupted (Ctrl+C), it stops
    the sweep and waits until the active run has been tested and kept.

    Args:
        sweep_id: Which sweep.
        on_end: Called with every trial that has ended.
    """
    told: set[int] = set()
    supervisor = Supervisor(Driver().look)
    supervisor.start()
    try:
        return _follow(sweep_id, on_end, told)
    except KeyboardInterrupt:
        store.change(sweep_id, ("running",), "stopping")
        return _follow(sweep_id, on_end, told)
    finally:
        supervisor.stop()


def _follow(sweep_id: str, on_end: Callable[[Trial], None], told: set[int]) -> StoredSweep:
    while True:
        stored = store.get(sweep_id)  # before the trials, so that none that ended is left out
        for trial in trials_of(sweep_id):
            if not trial.open and trial.number not in told:
                told.add(trial.number)
                on_end(trial)
        if not stored.active:
            return stored
        time.sleep(_INTERVAL_S)
