"""The network of a run answers while it trains, as of its last epoch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scipy.special import expit, logit

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import NotFound
from dashboard.core.models.card import load_card
from dashboard.core.models.export import MAX_ABS_DP
from dashboard.core.runs import control, tracking
from dashboard.core.runs.snapshot import answering_epoch, snapshot_folder
from dashboard.core.serving.answers import RunAnswer
from dashboard.core.serving.engine import Engine
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import submit
from dashboard.core.training.observer import Halted
from dashboard.core.training.recipe import parse_recipe
from tests.core.training.test_trainer import Watcher, lamps

STEPS = 5  # an epoch: 48 training images in batches of ten


@pytest.fixture(scope="module", autouse=True)
def dataset(module_home: Path) -> Dataset:
    return import_dataset(lamps(module_home / "lamps"))


def new_run(**fields: Any) -> str:
    base = {"dataset": "lamps", "network": "residual", "image_size": 16, "channels": 1,
            "batch_size": 10}  # fmt: skip
    return submit(parse_recipe({**base, **fields}), status="RUNNING")


def image(dataset: Dataset) -> bytes:
    return dataset.image_path(dataset.rows("val").iloc[0]["id"]).read_bytes()


def probability(answer: RunAnswer) -> float:
    return next(item.probability for item in answer.predictions if item.label == "on")


class Asks(Watcher):
    """Puts a question in the middle of the second and of the third epoch."""

    def __init__(self, question: Callable[[], RunAnswer]) -> None:
        super().__init__()
        self.question = question
        self.answers: list[RunAnswer] = []

    def metrics(self, step: int, values: dict[str, float]) -> None:
        if "loss" in values and step in (STEPS + 2, 2 * STEPS + 2):
            self.answers.append(self.question())


def test_each_epoch_answers_with_its_own_weights(dataset: Dataset) -> None:
    ended = []
    for epochs in (1, 2):  # what the network is after so many
        ended.append(new_run(epochs=epochs))
        execute(ended[-1])
    engine, run_id = Engine(), new_run(epochs=3)
    watcher = Asks(lambda: engine.classify_in_run(image(dataset), run_id))
    execute(run_id, watcher)
    assert [answer.epoch for answer in watcher.answers] == [1, 2]
    for answer, of_epoch in zip(watcher.answers, ended, strict=True):
        expected = engine.classify_in_run(image(dataset), of_epoch)
        assert expected.epoch == 0
        temperature = load_card(tracking.artifacts(of_epoch)).temperature
        calibrated = expit(logit(probability(answer)) / temperature)  # of two classes
        assert abs(calibrated - probability(expected)) < MAX_ABS_DP
    assert abs(probability(watcher.answers[0]) - probability(watcher.answers[1])) > 0.01
    assert answering_epoch(run_id) == 0
    assert not snapshot_folder(run_id).exists()


def test_before_the_first_epoch_it_says_so(dataset: Dataset) -> None:
    run_id = new_run(epochs=1)
    assert answering_epoch(run_id) is None
    with pytest.raises(NotFound, match="its first epoch has not ended"):
        Engine().classify_in_run(image(dataset), run_id)


def test_a_paused_run_can_be_asked_and_goes_on(dataset: Dataset) -> None:
    run_id = new_run(epochs=2)
    watcher = Watcher(STEPS + 2)
    watcher._do = lambda: setattr(watcher, "asked", "pause")
    with pytest.raises(Halted):
        execute(run_id, watcher)
    engine = Engine()
    assert engine.classify_in_run(image(dataset), run_id).epoch == 1
    control.resume(run_id)
    execute(run_id)
    assert engine.classify_in_run(image(dataset), run_id).epoch == 0
