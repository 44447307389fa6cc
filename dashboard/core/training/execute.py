"""Works off one recorded run, in a worker process or in the foreground."""

from __future__ import annotations

import logging
import os
import secrets

from dashboard.core.atomic import disk_errors
from dashboard.core.data.store import get_dataset
from dashboard.core.errors import Conflict, LightboxError
from dashboard.core.models.card import Card
from dashboard.core.runs import control, lock, tracking
from dashboard.core.runs.reporter import Reporter
from dashboard.core.training.observer import Halted, Observer, Request
from dashboard.core.training.recipe import check_task, parse_toml

_LOG = logging.getLogger(__name__)


class _Both:
    """Tells two observers the same."""

    def __init__(self, first: Observer, second: Observer) -> None:
        self._observers = (first, second)

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        for observer in self._observers:
            observer.stage(name, done, total)

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        for observer in self._observers:
            observer.plan(epochs, steps_per_epoch)

    def metrics(self, step: int, values: dict[str, float]) -> None:
        for observer in self._observers:
            observer.metrics(step, values)

    def request(self) -> Request:
        first, second = self._observers
        return first.request() or second.request()


def execute(run_id: str, watcher: Observer | None = None) -> Card:
    """Train the run and record how it ended.

    Args:
        run_id: A run made by `submit`.
        watcher: Also gets the news, such as a progress bar.

    Raises:
        Conflict: Another process works on this run, or it has ended; the run is left alone.
        LightboxError: The run failed for a reason that is recorded with it.
        Halted: It was asked to pause, or its process to end; `control.resume` goes on.
    """
    with lock.hold(control.lock_path(run_id), "The run"):
        run = tracking.get_run(run_id)
        if not run.active:  # stopped while its worker was starting
            raise Conflict("The run “{name}” has already ended.", code="run_ended", name=run.name)
        tracking.set_tag(run_id, "worker", str(os.getpid()))
        tracking.set_status(run_id, "RUNNING")
        try:
            with disk_errors(), Reporter(run_id) as reporter:
                observer = _Both(reporter, watcher) if watcher else reporter
                card = _train(run_id, observer)
                numbers = {task.name: f"_{n}" for n, task in enumerate(card.tasks, 1)} | {"": ""}
                for metric in card.metrics:
                    name = f"test_{metric.name}{numbers[metric.task]}"
                    reporter.metrics(
                        0,
                        {
                            name: metric.value,
                            f"{name}_low": metric.low,
                            f"{name}_high": metric.high,
                        },
                    )
                reporter.stage("done")
        except Halted as halted:
            tracking.set_tag(run_id, "halted", halted.request)
            tracking.set_status(run_id, "KILLED")
            raise
        except KeyboardInterrupt:
            tracking.set_status(run_id, "KILLED")
            raise
        except BaseException as error:
            reason = _reason(error)
            tracking.set_status(run_id, "FAILED", reason)
            raise reason from error
        tracking.set_status(run_id, "KILLED" if observer.request() == "stop" else "FINISHED")
        return card


def _train(run_id: str, observer: Observer) -> Card:
    observer.stage("starting")
    recipe = parse_toml(tracking.recipe_of(run_id))
    run = tracking.get_run(run_id)
    dataset = get_dataset(recipe.dataset, run.tags.get("dataset_version"))  # set if it is resumed
    check_task(recipe, dataset)  # it may have changed since the run was queued
    tracking.set_tag(run_id, "dataset_version", dataset.version)
    from dashboard.core.training.trainer import train  # TensorFlow: 5–10 s

    return train(
        recipe,
        dataset,
        tracking.artifacts(run_id),
        control.checkpoints(run_id),
        observer,
        run_id,
        run.tags.get("command", "python -m dashboard train recipe.toml"),
    )


def _reason(error: BaseException) -> LightboxError:
    if isinstance(error, LightboxError):
        return error
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return LightboxError(
            "The machine ran out of memory. Halve the batch size or choose a smaller image size.",
            code="out_of_memory",
        )
    reference = secrets.token_hex(4)
    _LOG.exception("run failed [%s]", reference, exc_info=error)
    return LightboxError(
        "The training failed unexpectedly. The details are in the run's log under {reference}.",
        code="failed",
        reference=reference,
    )
