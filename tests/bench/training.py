"""Images per second of a training run against Keras alone, in turn.

    .venv/bin/python -m tests.bench.training HOME

`HOME` holds CIFAR-10 as the data set `cifar10`. Document 003's network, one epoch each:
as the document writes it (Keras' defaults on arrays in memory), a bare `fit` on our batches, and a
whole run with live metrics, checkpoints, epoch reports and MLflow, without start, tests and export.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RUNS = 3


def main(home: Path) -> None:
    """Print the figures of each round and the medians of the ratios."""
    os.environ["LIGHTBOX_HOME"] = str(home)
    import keras
    import numpy as np

    from dashboard.core.data.store import get_dataset
    from dashboard.core.models.networks import get_network
    from dashboard.core.runs.reporter import Reporter
    from dashboard.core.training import trainer
    from dashboard.core.training.batches import training_batches
    from dashboard.core.training.jobs import submit
    from dashboard.core.training.recipe import parse_recipe

    recipe = parse_recipe({"dataset": "cifar10", "network": "doc-003", "epochs": 1})
    dataset = get_dataset("cifar10")
    data = trainer._load(recipe, dataset, _Silent())
    rows = data.rows["train"]

    def network() -> Any:
        return get_network("doc-003").build(10, 32, 32, 3)

    def tutorial() -> float:
        model = keras.Sequential([keras.Input((32, 32, 3)), *network().layers[1:]])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
        pixels, labels = data.images[rows] / 255.0, data.targets[rows]
        return _seconds(lambda: model.fit(pixels, labels, epochs=1, verbose=0))

    def bare() -> float:
        model = network()
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"], jit_compile=False)
        batches, _ = training_batches(data.images, data.targets, rows, 32, 1, 0, {})
        return _seconds(lambda: model.fit(batches, epochs=1, verbose=0))

    def ours(folder: Path) -> float:
        run_id = submit(recipe, status="RUNNING")
        pinned = trainer._pinned(dataset, data)
        with Reporter(run_id) as reporter:
            return _seconds(
                lambda: trainer._fitted(recipe, 10, data, pinned, folder / run_id, reporter)
            )

    ratios = []
    for _ in range(RUNS):
        written, plain, whole = tutorial(), bare(), ours(home / "bench")
        ratios.append((plain / whole, written / whole))
        speeds = " ".join(f"{len(rows) / s:7.0f}" for s in (written, plain, whole))
        print(f"images/s as written, bare, ours: {speeds}")
    bare_ratio, written_ratio = (statistics.median(column) for column in np.transpose(ratios))
    print(f"ours / bare {bare_ratio:.2f}, ours / as written {written_ratio:.2f}")


class _Silent:
    """Wants to know nothing."""

    def stage(self, name: str, done: int = 0, total: int = 0) -> None: ...

    def plan(self, epochs: int, steps_per_epoch: int) -> None: ...

    def note(self, note: Any) -> None: ...

    def metrics(self, step: int, values: dict[str, float]) -> None: ...

    def request(self) -> Any:
        return ""


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(Path(sys.argv[1]))
