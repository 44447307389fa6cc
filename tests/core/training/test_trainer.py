"""Whole runs on lamps that are on or off, in this process."""

from __future__ import annotations

import os
import resource
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import Conflict, DiskFull, InvalidInput, LightboxError, NotFound
from dashboard.core.images import Note
from dashboard.core.models.card import Card, load_card
from dashboard.core.models.store import file_sha256
from dashboard.core.runs import control, lock, reporter, tracking
from dashboard.core.runs.outbox import Outbox
from dashboard.core.settings import settings
from dashboard.core.training import execute as execute_module
from dashboard.core.training import fit_recipe
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import publish_run, submit
from dashboard.core.training.learner import Learner
from dashboard.core.training.observer import STAGES
from dashboard.core.training.recipe import parse_recipe

LEARNS = {
    "network": "residual", "image_size": 16, "channels": 1, "epochs": 3, "batch_size": 10,
    "learning_rate": 0.003, "seed": 3, "augmentation": {"flip": 1.0},
}  # fmt: skip
QUICK = {"network": "doc-001", "epochs": 1, "batch_size": 16}


def lamps(folder: Path, n: int = 30) -> Path:
    """`n` noisy pictures in each of two classes, 16×16."""
    generator = np.random.default_rng(0)
    for label, (low, high) in {"off": (0, 100), "on": (156, 256)}.items():
        (folder / label).mkdir(parents=True)
        for number in range(n):
            pixels = generator.integers(low, high, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    return folder


@pytest.fixture(scope="module", autouse=True)
def dataset(module_home: Path) -> Dataset:
    """The lamps, for all runs of this file."""
    return import_dataset(lamps(module_home / "lamps"))


class Watcher:
    """Writes down the news and does something at a stage or a batch."""

    def __init__(self, at: str | int = "", do: Callable[[], object] = lambda: None) -> None:
        self.stages: list[str] = []
        self.steps: list[int] = []
        self.notes: list[Note] = []
        self.planned: tuple[int, int] | None = None
        self._at, self._do = at, do
        self.stop = False
        self.asked = ""

    def stage(self, name: str, done: int = 0, total: int = 0) -> None:
        self.stages += [name] if name not in self.stages else []
        self._maybe(name)

    def plan(self, epochs: int, steps_per_epoch: int) -> None:
        self.planned = (epochs, steps_per_epoch)

    def note(self, note: Note) -> None:
        self.notes.append(note)

    def metrics(self, step: int, values: dict[str, float]) -> None:
        if "loss" in values:
            self.steps.append(step)
            self._maybe(step)

    def request(self) -> str:
        return "stop" if self.stop else self.asked

    def _maybe(self, event: str | int) -> None:
        if event == self._at:
            self._do()


def new_run(**fields: Any) -> str:
    return submit(parse_recipe({"dataset": "lamps", **fields}), status="RUNNING")


def failure(run_id: str) -> LightboxError:
    """Why a run failed, as recorded with it."""
    run = tracking.get_run(run_id)
    assert run.status == "FAILED"
    assert run.ended
    assert run.error
    return run.error


@pytest.fixture(scope="module")
def trained(dataset: Dataset) -> tuple[str, Card, Watcher]:
    run_id, watcher = new_run(**LEARNS), Watcher()
    return run_id, execute(run_id, watcher), watcher


def test_a_run_learns_and_says_so(trained: tuple[str, Card, Watcher]) -> None:
    run_id, card, watcher = trained
    run = tracking.get_run(run_id)
    assert run.status == "FINISHED"
    assert card.metrics[0].name == "accuracy"
    assert card.metrics[0].value == run.metrics["test_accuracy"] == 1.0
    assert (card.metrics[0].split, card.metrics[0].n) == ("test", 6)
    assert run.metrics["test_accuracy_low"] == pytest.approx(card.metrics[0].low)
    assert run.metrics["val_accuracy"] == 1.0
    assert watcher.planned == (3, 5)
    assert watcher.steps == list(range(1, 16))
    assert watcher.stages == list(STAGES[1:-1])  # between “queued” and “done”
    assert run.tags["stage"] == "done"
    assert [step for step, _ in tracking.history(run_id, "loss")] == watcher.steps


def test_the_card_is_complete(trained: tuple[str, Card, Watcher], dataset: Dataset) -> None:
    run_id, card, _ = trained
    folder = tracking.artifacts(run_id)
    assert load_card(folder) == card
    assert card.classes == dataset.classes == ("off", "on")
    assert (card.input.height, card.input.width, card.input.channels) == (16, 16, 1)
    assert card.dataset is not None
    assert (card.dataset.name, card.dataset.version) == ("lamps", dataset.version)
    assert (card.network, card.run_id, card.task) == ("residual", run_id, "single_label")
    assert parse_recipe(tomllib.loads(card.recipe)) == parse_recipe({"dataset": "lamps", **LEARNS})
    assert {metric.name for metric in card.metrics} == {"accuracy", "macro_f1"}
    assert all(metric.low <= metric.value <= metric.high for metric in card.metrics)
    assert np.trace(card.confusion) == np.sum(card.confusion) == card.metrics[0].n
    assert card.export is not None
    assert card.export.model_sha256 == file_sha256(folder / "model.keras")
    assert card.export.n == 6
    assert "train" in card.command
    assert card.created.endswith("+00:00")
    assert card.licence
    model = keras.models.load_model(folder / "model.keras", safe_mode=True)
    assert card.parameters == model.count_params()
    assert not getattr(model, "optimizer", None)  # weights only


def test_what_a_run_leaves(trained: tuple[str, Card, Watcher]) -> None:
    folder = tracking.artifacts(trained[0])
    assert sorted(path.name for path in folder.iterdir()) == [
        "card.json", "model.keras", "openvino", "predictions.parquet", "recipe.toml",
        "reference.npz",
    ]  # fmt: skip
    assert sorted(path.name for path in (folder / "openvino").iterdir()) == [
        "model.bin",
        "model.xml",
    ]


def test_the_test_images_are_never_trained_on(
    trained: tuple[str, Card, Watcher], dataset: Dataset
) -> None:
    predictions = pd.read_parquet(tracking.artifacts(trained[0]) / "predictions.parquet")
    ids = {split: set(dataset.rows(split)["id"]) for split in ("train", "val", "test")}
    assert set(predictions["id"]) == ids["test"]
    assert not ids["test"] & (ids["train"] | ids["val"])
    assert list(predictions["target"]) == dataset.targets("test").tolist()
    assert (predictions["predicted"] == predictions["target"]).all()
    assert predictions["probability"].between(0.5, 1).all()


def test_only_training_rows_reach_the_weights(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    training_batches = fit_recipe.training_batches

    def noted(images: np.ndarray, targets: np.ndarray, rows: np.ndarray, *rest: Any) -> Any:
        seen.extend(rows)
        return training_batches(images, targets, rows, *rest)

    monkeypatch.setattr(fit_recipe, "training_batches", noted)
    execute(new_run(**QUICK))
    assert seen == list(dataset.rows("train").index)


def test_a_run_can_be_published_only_when_it_has_a_model(
    trained: tuple[str, Card, Watcher],
) -> None:
    card = publish_run(trained[0], "lamps")
    assert (card.name, len(card.version)) == ("lamps", 12)
    for key in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert card.curves[key] == tracking.history(trained[0], key)
    waiting = submit(parse_recipe({"dataset": "lamps"}))
    with pytest.raises(Conflict, match="has no model yet"):
        publish_run(waiting, "early")
    tracking.set_status(waiting, "KILLED")


def weights(run_id: str) -> list[np.ndarray]:
    path = tracking.artifacts(run_id) / "model.keras"
    return [np.asarray(weight) for weight in keras.models.load_model(path).get_weights()]


def test_the_same_recipe_gives_the_same_weights(trained: tuple[str, Card, Watcher]) -> None:
    again = new_run(**LEARNS)
    execute(again)
    for first, second in zip(weights(trained[0]), weights(again), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("how", ["tag", "watcher"])
def test_a_stopped_run_keeps_a_tested_model(how: str) -> None:
    run_id = new_run(**{**QUICK, "epochs": 1000, "batch_size": 4})
    watcher = Watcher(at=3)

    def stop() -> None:
        if how == "tag":
            control.stop(run_id)
        else:
            watcher.stop = True

    watcher._do = stop
    card = execute(run_id, watcher)
    run = tracking.get_run(run_id)
    assert run.status == "KILLED"
    assert run.error is None
    assert 3 <= watcher.steps[-1] < 12_000
    if how == "watcher":  # the tag is read four times a second
        assert watcher.steps[-1] < 100
    assert run.metrics["test_accuracy"] == card.metrics[0].value
    assert (tracking.artifacts(run_id) / "model.keras").is_file()
    assert publish_run(run_id, f"stopped-{how}").classes == ("off", "on")


def test_ctrl_c_is_a_stop_by_a_person() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    run_id = new_run(**QUICK)
    with pytest.raises(KeyboardInterrupt):
        execute(run_id, Watcher(at=1, do=interrupt))
    assert tracking.get_run(run_id).status == "KILLED"
    assert not control.alive(run_id)


def test_a_diverging_run_fails_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    learner_for = fit_recipe.learner_for

    def diverged(*arguments: Any) -> Learner:
        learner = learner_for(*arguments)
        learner.network.get_layer("logits").bias.assign([np.inf, 0])
        return learner

    monkeypatch.setattr(fit_recipe, "learner_for", diverged)
    run_id = new_run(**QUICK)
    with pytest.raises(InvalidInput) as caught:
        execute(run_id)
    assert caught.value.code == "loss_not_finite"
    assert str(failure(run_id)) == str(caught.value)
    assert "Lower the learning rate" in str(caught.value)
    assert not (tracking.artifacts(run_id) / "model.keras").exists()
    assert tracking.history(run_id, "loss") == []


def test_a_data_set_that_is_not_there() -> None:
    with pytest.raises(NotFound, match=r"no data set “lights”.*lamps"):
        submit(parse_recipe({"dataset": "lights"}))
    run_id = tracking.create_run("gone", 'dataset = "lights"\n', {}, "RUNNING")  # removed since
    with pytest.raises(NotFound):
        execute(run_id)
    assert failure(run_id).code == "dataset_not_found"


def test_a_data_set_without_enough_images_for_the_splits(tmp_path: Path) -> None:
    import_dataset(lamps(tmp_path / "few", n=1))
    run_id = new_run(**QUICK | {"dataset": "few"})
    with pytest.raises(InvalidInput, match=r"“few” has no images in its (val|test) split"):
        execute(run_id)
    assert failure(run_id).code == "empty_split"


def test_a_run_that_somebody_works_on_is_left_alone() -> None:
    run_id = new_run(**QUICK)
    before = tracking.get_run(run_id)
    with lock.hold(control.lock_path(run_id), "The run"), pytest.raises(Conflict, match="in use"):
        execute(run_id)
    assert tracking.get_run(run_id) == before
    tracking.set_status(run_id, "KILLED")


def test_a_run_that_has_ended_is_left_alone(trained: tuple[str, Card, Watcher]) -> None:
    stopped = submit(parse_recipe({"dataset": "lamps"}))
    control.stop(stopped)  # while its worker was starting
    for run_id in (stopped, trained[0]):
        before = tracking.get_run(run_id)
        with pytest.raises(Conflict, match="has already ended"):
            execute(run_id)
        assert tracking.get_run(run_id) == before


def test_a_full_disk_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(reporter, "_LAST_TRY_S", 0)  # the database has no room either

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))

    run_id = new_run(**QUICK)
    try:
        with pytest.raises(DiskFull, match="Free some space"):
            execute(run_id, Watcher(at="saving", do=fill))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    Outbox(run_id).deliver()
    assert failure(run_id).code == "disk_full"


def test_what_nobody_expected_is_logged_under_a_reference(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(execute_module, "_train", broken)
    run_id = new_run(**QUICK)
    with pytest.raises(LightboxError) as caught:
        execute(run_id)
    reason = failure(run_id)
    assert str(reason) == str(caught.value)
    assert "secret detail" not in str(reason)
    assert f"[{reason.values['reference']}]" in caplog.text
    assert "secret detail" in caplog.text


def test_out_of_memory_says_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    def starved(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(execute_module, "_train", starved)
    run_id = new_run(**QUICK)
    with pytest.raises(LightboxError, match="Halve the batch size"):
        execute(run_id)
    assert failure(run_id).code == "out_of_memory"


def test_nothing_half_made_is_left(dataset: Dataset) -> None:
    assert not list(settings().home.rglob(".tmp-*"))
    assert os.listdir(dataset.path / "packs")
