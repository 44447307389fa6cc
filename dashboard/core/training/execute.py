"""Works off one recorded run, in a worker process or in the foreground."""

from __future__ import annotations

import os
import time

from dashboard.core.data.store import get_dataset
from dashboard.core.errors import Conflict
from dashboard.core.images import Note
from dashboard.core.models.card import Card
from dashboard.core.runs import control, lock, tracking
from dashboard.core.runs.reporter import Reporter
from dashboard.core.runs.tracking import Run
from dashboard.core.training.observer import Halted, Observer, Request
from dashboard.core.training.reason import reason_of
from dashboard.core.training.recipe import check_task, parse_toml
from dashboard.core.training.termination import Termination


class _All:
    """Tells several observers the same."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        for observer in self._observers:
            observer.stage(name, done, total)

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        for observer in self._observers:
            observer.plan(epochs, steps_per_epoch)

    def note(self, note: Note) -> None:
        for observer in self._observers:
            observer.note(note)

    def metrics(self, step: int, values: dict[str, float]) -> None:
        for observer in self._observers:
            observer.metrics(step, values)

    def request(self) -> Request:
        asked = [observer.request() for observer in self._observers]
        return next(filter(None, asked), "")


def execute(run_id: str, watcher: Observer | None = None) -> Card:
    """Train the run and record how it ended.

    Told to end by SIGTERM, it keeps its position and is `Halted`.

    Args:
        run_id: A run made by `submit`.
        watcher: Also gets the news, such as a progress bar.

    Raises:
        Conflict: Another process works on this run, or it has ended; the run is left alone.
        Unavailable: The store does not answer; the run is left alone.
        LightboxError: The run failed for a reason that is recorded with it.
        Halted: It was asked to pause, or its process to end; `control.resume` goes on.
    """
    with lock.hold(control.lock_path(run_id), "The run"):
        run = tracking.get_run(run_id)
        if not run.active:  # stopped while its worker was starting
            raise Conflict("The run “{name}” has already ended.", code="run_ended", name=run.name)
        with Termination() as termination, Reporter(run_id) as reporter:
            observer = _All(reporter, termination, *([watcher] if watcher else []))
            return _recorded(run, reporter, observer)


def _recorded(run: Run, reporter: Reporter, observer: Observer) -> Card:
    started = time.monotonic()
    reporter.tag("worker", str(os.getpid()))
    reporter.status("RUNNING")
    try:
        card = _train(run, reporter, observer)
        numbers = {task.name: f"_{n}" for n, task in enumerate(card.tasks, 1)} | {"": ""}
        for metric in card.metrics:
            name = f"test_{metric.name}{numbers[metric.task]}"
            values = {"": metric.value, "_low": metric.low, "_high": metric.high}
            reporter.metrics(0, {f"{name}{end}": v for end, v in values.items()})
        reporter.stage("done")
        reporter.status("KILLED" if observer.request() == "stop" else "FINISHED")
        return card
    except Halted as halted:
        reporter.tag("halted", halted.request)
        reporter.status("KILLED")
        raise
    except KeyboardInterrupt:
        reporter.status("KILLED")
        raise
    except BaseException as error:
        reason = reason_of(error)
        reporter.status("FAILED", reason)
        raise reason from error
    finally:
        reporter.tag("seconds", f"{(run.seconds or 0) + time.monotonic() - started:.1f}")


def _train(run: Run, reporter: Reporter, observer: Observer) -> Card:
    observer.stage("starting")
    recipe = parse_toml(tracking.recipe_of(run.id))
    dataset = get_dataset(recipe.dataset, run.tags.get("dataset_version"))  # set if it is resumed
    check_task(recipe, dataset)  # it may have changed since the run was queued
    reporter.tag("dataset_version", dataset.version)
    from dashboard.core.training.trainer import train  # TensorFlow: 5–10 s

    return train(
        recipe,
        dataset,
        tracking.artifacts(run.id),
        control.checkpoints(run.id),
        observer,
        run.id,
        run.tags.get("command", "python -m dashboard train recipe.toml"),
    )
