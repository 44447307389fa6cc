"""A run without a network, for those who watch: known values, a hundred batches a second.

`LIGHTBOX_HOME=… python -m tests.steady_run` prints its id and goes on until it is stopped.
"""

from __future__ import annotations

import time

import numpy as np

from dashboard.core.data.store import get_dataset
from dashboard.core.runs import control, lock
from dashboard.core.runs.epochs import EpochReport, epochs_folder, save_epoch
from dashboard.core.runs.reporter import Reporter
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe

EPOCHS, STEPS = 1000, 100
RECIPE = {"network": "doc-001", "epochs": EPOCHS, "schedule": "range_test", "learning_rate": 1.0}


def loss(step: int) -> float:
    return 2.5 / (1 + step / 100)


def accuracy(step: int) -> float:
    return step / (step + 100)


def rate(step: int) -> float:
    return float(10 ** (step / 1000 - 6))


def main() -> None:
    run_id = submit(parse_recipe(RECIPE), status="RUNNING")
    print(run_id, flush=True)
    with lock.hold(control.lock_path(run_id), "The run"), Reporter(run_id) as reporter:
        reporter.plan(EPOCHS, STEPS)
        reporter.stage("training")
        step = 0
        while reporter.request() != "stop":
            time.sleep(0.1)
            for _ in range(10):
                step += 1
                figures = {"loss": loss(step), "accuracy": accuracy(step)}
                more = {"gradient_norm": 1.0, "learning_rate": rate(step)}
                reporter.metrics(step, {**figures, **more})
            reporter.metrics(step, {"images_per_second": 3200.0, "memory_mb": 512.0})
            if step % STEPS == 0:
                save_epoch(epochs_folder(run_id), report(step // STEPS))
                values = {"val_loss": loss(step), "val_accuracy": accuracy(step)}
                reporter.metrics(step, {**values, "epoch": step // STEPS})
        reporter.status("KILLED")


def report(epoch: int) -> EpochReport:
    ids = tuple(get_dataset("digits").rows("val")["id"][:4])
    return EpochReport(
        epoch=epoch,
        step=epoch * STEPS,
        confusion=np.eye(10, dtype=np.int64) * epoch,
        ids=ids,
        targets=np.arange(4),
        probabilities=np.eye(4, 10, dtype=np.float32),
        heat=np.zeros((1, 0, 0, 0), np.uint8),
    )


if __name__ == "__main__":
    main()
