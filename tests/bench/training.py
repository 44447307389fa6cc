"""Images per second of a training run against Keras alone, in turn.

    .venv/bin/python -m tests.bench.training HOME [bare]

`HOME` holds CIFAR-10 as the data set `cifar10`. Document 003's network, from the end of the first
epoch on, validation included: as the document writes it (Keras' defaults on arrays in memory), a
bare `fit` on our batches, and a whole run with live metrics, checkpoints, confusion matrix, pinned
images and MLflow, in float32 and in bfloat16. With `bare`, only the bare `fit`, once.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import keras

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.models.networks import get_network
from dashboard.core.runs.reporter import Reporter
from dashboard.core.training.batches import evaluation_batches, training_batches
from dashboard.core.training.examples import Examples, choose_pinned, load_examples
from dashboard.core.training.fit_recipe import fit_recipe
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import Recipe, parse_recipe

ROUNDS, EPOCHS = 3, 2
FIELDS = {"dataset": "cifar10", "network": "doc-003", "epochs": EPOCHS}


def main(home: Path) -> None:
    """Print the figures of each round and the medians of the ratios."""
    os.environ["LIGHTBOX_HOME"] = str(home)
    recipe = parse_recipe(FIELDS)
    rounded = parse_recipe({**FIELDS, "precision": "bfloat16"})
    dataset, data = load()
    rows, held_out = data.rows["train"], data.rows["val"]

    def tutorial() -> float:
        model = keras.Sequential([keras.Input((32, 32, 3)), *_network().layers[1:]])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
        pixels, labels = data.images / 255.0, data.targets
        clock = _Clock()
        model.fit(
            pixels[rows], labels[rows], epochs=EPOCHS, verbose=0, callbacks=[clock],
            validation_data=(pixels[held_out], labels[held_out]),
        )  # fmt: skip
        return clock.seconds

    def ours(recipe: Recipe) -> float:
        run_id = submit(recipe, status="RUNNING")
        pinned = choose_pinned(dataset, data)
        with _Timed(run_id) as reporter:
            fit_recipe(recipe, dataset.tasks, data, pinned, home / "bench" / run_id, reporter)
        return reporter.ends[-1] - reporter.ends[0]

    names = ("as written", "bare", "ours", "ours in bfloat16")
    actions = (
        tutorial,
        lambda: bare_seconds(data, EPOCHS),
        lambda: ours(recipe),
        lambda: ours(rounded),
    )
    rounds = []
    for _ in range(ROUNDS):
        rounds.append([len(rows) * (EPOCHS - 1) / action() for action in actions])
        print("images/s", *(f"{name} {x:.0f}" for name, x in zip(names, rounds[-1], strict=True)))
    for column, name in enumerate(names[2:], 2):
        for base in range(2):
            ratios = [speeds[column] / speeds[base] for speeds in rounds]
            print(f"{name} / {names[base]}: {statistics.median(ratios):.2f}")


def load() -> tuple[Dataset, Examples]:
    """Return CIFAR-10 and its packed images."""
    dataset = get_dataset(FIELDS["dataset"])
    return dataset, load_examples(parse_recipe(FIELDS), dataset, _Silent())


def bare_seconds(data: Examples, epochs: int) -> float:
    """Return how long Keras' `fit` takes on our batches for all epochs but the first."""
    rows, held_out = data.rows["train"], data.rows["val"]
    model = _network()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"], jit_compile=False)
    batches, steps = training_batches(data.images, data.targets, rows, 32, epochs, 0, {})
    clock = _Clock()
    model.fit(
        batches, epochs=epochs, steps_per_epoch=steps, verbose=0, callbacks=[clock],
        validation_data=evaluation_batches(data.images, data.targets, held_out),
    )  # fmt: skip
    return clock.seconds


def _network() -> Any:
    return get_network(FIELDS["network"]).build(10, 32, 32, 3)


class _Clock(keras.callbacks.Callback):
    """Measures the epochs after the first."""

    seconds = 0.0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 0:
            self._start = time.perf_counter()
        self.seconds = time.perf_counter() - self._start


class _Timed(Reporter):
    """Notes when epochs ended."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.ends: list[float] = []

    def metrics(self, step: int, values: dict[str, float]) -> None:
        super().metrics(step, values)
        if "epoch" in values:
            self.ends.append(time.perf_counter())


class _Silent:
    """Wants to know nothing."""

    def stage(self, name: str, done: int = 0, total: int = 0) -> None: ...

    def plan(self, epochs: int, steps_per_epoch: int) -> None: ...

    def note(self, note: Any) -> None: ...

    def metrics(self, step: int, values: dict[str, float]) -> None: ...

    def request(self) -> Any:
        return ""


def main_bare(home: Path) -> None:
    """Print the images per second of the bare `fit`."""
    os.environ["LIGHTBOX_HOME"] = str(home)
    data = load()[1]
    print(len(data.rows["train"]) * (EPOCHS - 1) / bare_seconds(data, EPOCHS))


if __name__ == "__main__":
    (main_bare if sys.argv[2:] == ["bare"] else main)(Path(sys.argv[1]))
