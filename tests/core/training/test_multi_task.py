"""A run on images that are asked two questions, from the table to the answers."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.metrics import accuracy_score, f1_score, log_loss

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.pack import pack
from dashboard.core.data.store import get_dataset
from dashboard.core.errors import InvalidInput
from dashboard.core.evaluate.metrics import multi_task_metrics
from dashboard.core.images import encode_png
from dashboard.core.models.probabilities import probabilities
from dashboard.core.models.store import get_model
from dashboard.core.runs import control, tracking
from dashboard.core.runs.epochs import load_epoch, reported_epochs
from dashboard.core.serving.augmented import EffectQuestion
from dashboard.core.serving.backends import TensorFlowBackend
from dashboard.core.serving.engine import Engine
from dashboard.core.serving.evaluation import evaluate_model
from dashboard.core.serving.loaded import LoadedModel
from dashboard.core.serving.question import Question
from dashboard.core.settings import settings
from dashboard.core.tasks import Task, spans
from dashboard.core.training.compile import learner_for, loss_of
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import publish_run, submit
from dashboard.core.training.observer import Halted
from dashboard.core.training.recipe import parse_recipe
from tests.core.training.test_trainer import Watcher
from tests.lit import TASKS, lit, lit_table
from tests.test_cli import lightbox_in

RECIPE = {
    "dataset": "lit", "network": "residual", "image_size": 16, "channels": 1, "epochs": 8,
    "batch_size": 16, "learning_rate": 0.003, "seed": 1,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def home(module_home: Path) -> None:
    import_dataset(lit_table(module_home / "lit"))


@pytest.fixture(scope="module")
def run_id(home: None) -> str:
    run_id = submit(parse_recipe(RECIPE), status="RUNNING")
    execute(run_id)
    publish_run(run_id, "lit")
    return run_id


def test_both_tasks_are_learned_and_measured(run_id: str) -> None:
    metrics = {(item.name, item.task): item for item in evaluate_model("lit", None, "test")}
    assert list(metrics) == [
        ("accuracy", ""), ("accuracy", "Ground"), ("macro_f1", "Ground"),
        ("accuracy", "Side"), ("macro_f1", "Side"),
    ]  # fmt: skip
    assert metrics["accuracy", "Ground"].value > 0.9
    assert metrics["accuracy", "Side"].value > 0.9
    assert {item.n for item in metrics.values()} == {12}
    run = tracking.get_run(run_id)
    for key, number in (("", ""), ("Ground", "_1"), ("Side", "_2")):
        assert run.metrics[f"test_accuracy{number}"] == metrics["accuracy", key].value
        assert f"val_accuracy{number}" in run.metrics
        assert len(tracking.history(run_id, f"accuracy{number}")) == 8 * 6


def test_what_an_epoch_leaves(run_id: str) -> None:
    report = load_epoch(run_id, reported_epochs(run_id)[-1])
    ground, side = spans(TASKS)
    assert report.confusion.sum() == 2 * 12
    assert report.confusion[ground, ground].sum() == report.confusion[side, side].sum() == 12
    share = report.confusion[side, side].trace() / 12
    assert share == pytest.approx(tracking.get_run(run_id).metrics["val_accuracy_2"])
    np.testing.assert_allclose(report.probabilities[:, side].sum(axis=1), 1, atol=1e-6)
    assert report.heat.shape[:2] == (2, 8)


def test_predictions_name_a_class_of_each_task(run_id: str) -> None:
    found = pd.read_parquet(tracking.artifacts(run_id) / "predictions.parquet")
    target, predicted = np.stack(found["target"]), np.stack(found["predicted"])
    assert target.shape == predicted.shape == (12, 2)
    right = (target == predicted).all(axis=1).mean()
    assert right == tracking.get_run(run_id).metrics["test_accuracy"]


def test_the_engine_answers_each_task_as_keras_does(run_id: str) -> None:
    engine, picture = Engine(), lit("right", "dark", np.random.default_rng(9))
    answer = engine.classify(encode_png(picture), Question(model="lit"))
    assert {task: found[0].label for task, found in answer.by_task.items()} == {
        "Ground": "dark", "Side": "right",
    }  # fmt: skip
    for found in answer.by_task.values():
        assert sum(item.probability for item in found) == pytest.approx(1)
    right = answer.by_task["Side"][0]
    explained = engine.classify(
        encode_png(picture), Question("lit", explain="grad_cam", target=right.index)
    )
    assert explained.explanation is not None
    assert explained.explanation.target == right.index == 3
    images = pack(get_dataset("lit"), 16, 16, 1)[:12]
    exported = LoadedModel(get_model("lit"))
    assert not exported.uses_tensorflow
    kept = TensorFlowBackend(get_model("lit").folder).outputs(images).logits
    np.testing.assert_allclose(
        exported.probabilities(images),
        probabilities(kept, TASKS, exported.card.temperature),
        atol=1e-3,
    )


def test_the_command_line_prints_a_table_for_each_task(
    run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = lit("left", "light", np.random.default_rng(9))
    (tmp_path / "a.png").write_bytes(encode_png(picture))
    lightbox = lightbox_in(settings().home, capsys, monkeypatch)
    lines = lightbox("classify", tmp_path / "a.png", "--model", "lit").out.splitlines()
    ground, side = (next(n for n, line in enumerate(lines) if title in line)
                    for title in ("a.png · Ground", "a.png · Side"))  # fmt: skip
    assert "light" in lines[ground + 4]
    assert "left" in lines[side + 4]
    found = lightbox("evaluate", "lit", "--json").json
    assert [item["task"] for item in found] == ["", "Ground", "Ground", "Side", "Side"]


def test_an_answer_has_changed_where_that_to_any_task_has(run_id: str) -> None:
    def changed(**strengths: float) -> float:
        dataset = get_dataset("lit")
        question = EffectQuestion(
            dataset="lit", version=dataset.version, strengths=strengths, seed=0, model="lit"
        )
        return Engine().effect(question).changed.value

    assert changed(flip=1.0) > 0.2  # the side is another one, the ground stays
    assert changed(brightness=0.01) < 0.1


def test_it_resumes_exactly() -> None:
    def weights(run_id: str) -> list[np.ndarray]:
        return keras.saving.load_model(tracking.artifacts(run_id) / "model.keras").get_weights()

    recipe = parse_recipe({**RECIPE, "epochs": 2, "augmentation": {"noise": 0.1, "mixup": 0.3}})
    whole, broken = submit(recipe, status="RUNNING"), submit(recipe, status="RUNNING")
    execute(whole)
    watcher = Watcher(8)
    watcher._do = lambda: setattr(watcher, "asked", "pause")
    with pytest.raises(Halted):
        execute(broken, watcher)
    control.resume(broken)
    execute(broken)
    for one, two in zip(weights(whole), weights(broken), strict=True):
        np.testing.assert_array_equal(one, two)


LOGITS = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, (2, 3), (40, 2))
THREE = (Task("a", ("x", "y")), Task("b", ("p", "q", "r")))
HOT = np.concatenate([np.eye(2)[LABELS[:, 0]], np.eye(3)[LABELS[:, 1]]], axis=1)


def test_the_loss_is_the_sum_of_the_cross_entropies() -> None:
    expected = sum(
        log_loss(LABELS[:, number], probabilities(LOGITS, THREE)[:, span], labels=range(n))
        for number, (span, n) in enumerate(zip(spans(THREE), (2, 3), strict=True))
    )
    for loss in ("sparse_categorical_crossentropy", "categorical_crossentropy"):
        found = loss_of(parse_recipe({**RECIPE, "loss": loss}), THREE)(np.float32(HOT), LOGITS)
        assert float(np.mean(found)) == pytest.approx(expected, rel=1e-5)


def test_the_tasks_share_all_but_the_last_layer() -> None:
    """A step on wrong labels of one task moves what the other makes of an image."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    features = keras.layers.Dense(8, activation="tanh", name="body")(inputs)
    network = keras.Model(inputs, keras.layers.Dense(5, name="logits")(features))
    learner = learner_for(parse_recipe({**RECIPE, "optimizer": "sgd"}), network, 1, THREE)
    images = np.random.default_rng(2).normal(size=(40, 6)).astype(np.float32)
    before = network.get_layer("logits").get_weights()[0]
    body = network.get_layer("body").get_weights()[0]
    hot = np.concatenate([HOT[:, :2], probabilities(network(images).numpy(), THREE)[:, 2:]], axis=1)
    batches = tf.data.Dataset.from_tensors((images, np.float32(hot)))
    learner.train(learner.shared(batches), 1)
    moved = np.abs(network.get_layer("logits").get_weights()[0] - before).max(axis=0)
    assert moved[:2].min() > 1e-6  # the first task's head learns
    assert moved[2:].max() < 1e-6  # the second has nothing to learn …
    assert np.abs(network.get_layer("body").get_weights()[0] - body).max() > 1e-6  # … but is moved


def test_metrics_are_those_of_scikit_learn() -> None:
    found = {(item.name, item.task): item.value for item in
             multi_task_metrics(THREE, LOGITS, HOT, "test")}  # fmt: skip
    given = np.stack([LOGITS[:, span].argmax(axis=1) for span in spans(THREE)], axis=1)
    assert found["accuracy", ""] == (given == LABELS).all(axis=1).mean()
    for number, task in enumerate(("a", "b")):
        true, said = LABELS[:, number], given[:, number]
        assert found["accuracy", task] == accuracy_score(true, said)
        assert found["macro_f1", task] == pytest.approx(f1_score(true, said, average="macro"))


@pytest.mark.parametrize(
    "change",
    [{"loss": "binary_crossentropy"}, {"class_weights": "balanced"}, {"sampling": "balanced"}],
)
def test_what_makes_no_sense_for_several_tasks_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match=f"`{next(iter(change))}`"):
        submit(parse_recipe({**RECIPE, **change}))


def test_a_model_of_other_tasks_cannot_be_measured(run_id: str) -> None:
    with pytest.raises(InvalidInput, match="several labels"):
        evaluate_model("digits", "lit", "test")
