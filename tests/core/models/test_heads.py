"""One network with several answers, and one whose answers do not exclude each other."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from dashboard.core.errors import InvalidInput
from dashboard.core.explain.base import ExplainableModel
from dashboard.core.explain.grad_cam import GradCam
from dashboard.core.models.export import export_openvino
from dashboard.core.models.heads import one_head, with_heads
from dashboard.core.models.networks import get_network
from dashboard.core.models.transfer import from_model

TASKS = {"digit": 10, "is it/even?": 2}
IMAGES = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 1), np.uint8)
FLOATS = IMAGES.astype(np.float32)


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return with_heads(get_network("lenet").build(1, 28, 28, 1), TASKS)


def test_each_task_has_its_logits(model: keras.Model) -> None:
    answers = model(FLOATS, training=False)
    assert {task: tuple(logits.shape) for task, logits in answers.items()} == {
        "digit": (4, 10), "is it/even?": (4, 2)
    }  # fmt: skip
    shared = get_network("lenet").build(10, 28, 28, 1).count_params() - (84 * 10 + 10)
    assert model.count_params() == shared + (84 * 10 + 10) + (84 * 2 + 2)


def test_a_step_on_one_task_changes_what_the_other_sees(model: keras.Model) -> None:
    before = one_head(model, "digit")(FLOATS, training=False).numpy()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(
        keras.optimizers.SGD(0.1), dict.fromkeys(TASKS, loss),
        loss_weights={"digit": 0.0, "is it/even?": 1.0}, run_eagerly=True,
    )  # fmt: skip
    labels = {"digit": np.arange(4), "is it/even?": np.array([1, 0, 1, 0])}
    history = model.fit(FLOATS, labels, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    after = one_head(model, "digit")(FLOATS, training=False).numpy()
    assert np.abs(after - before).max() > 1e-4


def test_one_task_is_saved_exported_and_explained_like_any_network(
    model: keras.Model, tmp_path: Path
) -> None:
    model.save(tmp_path / "all.keras")
    loaded = keras.models.load_model(tmp_path / "all.keras", safe_mode=True)
    head = one_head(loaded, "digit")
    np.testing.assert_array_equal(
        head(FLOATS, training=False).numpy(), model(FLOATS, training=False)["digit"].numpy()
    )
    head.save(tmp_path / "model.keras")
    assert export_openvino(head, tmp_path, IMAGES) is not None
    assert GradCam().explain(ExplainableModel(head), IMAGES, 9).shape == (4, 8, 8)


def test_a_transferred_backbone_takes_several_heads() -> None:
    answers = with_heads(from_model("digits", 1), TASKS)(FLOATS)
    assert {task: logits.shape[1] for task, logits in answers.items()} == TASKS


def test_what_is_no_task() -> None:
    network = get_network("lenet").build(1, 28, 28, 1)
    for heads in ({}, {"digit": 0}):
        with pytest.raises(InvalidInput, match="at least one"):
            with_heads(network, heads)
    with pytest.raises(InvalidInput, match=r"no task “colour”.*digit"):
        one_head(with_heads(network, TASKS), "colour")


def test_a_multi_label_network_learns_labels_that_do_not_exclude_each_other() -> None:
    keras.utils.set_random_seed(0)
    model = get_network("residual").build(3, 28, 28, 1)
    labels = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 0], [1, 1, 1]], np.float32)
    model.compile(
        keras.optimizers.Adam(0.01), keras.losses.BinaryCrossentropy(from_logits=True),
        run_eagerly=True,
    )  # fmt: skip
    model.fit(FLOATS, labels, epochs=10, verbose=0)
    logits = model(FLOATS, training=True).numpy()
    np.testing.assert_array_equal(logits > 0, labels > 0)
