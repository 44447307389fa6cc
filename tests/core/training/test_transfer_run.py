"""A run in two phases: a new last layer first, then the end of the backbone too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import InvalidInput
from dashboard.core.models.store import get_model
from dashboard.core.runs import control, tracking
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import submit
from dashboard.core.training.observer import Halted
from dashboard.core.training.phases import phases
from dashboard.core.training.recipe import parse_recipe
from tests.core.training.test_trainer import Watcher, lamps

STEPS = 5
RECIPE = {
    "dataset": "lamps", "network": "transfer:model:digits", "epochs": 4, "frozen_epochs": 2,
    "unfreeze": 1, "batch_size": 10, "learning_rate": 0.01,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def dataset(module_home: Path) -> Dataset:
    return import_dataset(lamps(module_home / "lamps"))


def new_run(**fields: Any) -> str:
    return submit(parse_recipe({**RECIPE, **fields}), status="RUNNING")


def weights(run_id: str) -> list[np.ndarray]:
    model = keras.saving.load_model(tracking.artifacts(run_id) / "model.keras")
    return model.get_layer("backbone").get_weights()


def changed(run_id: str) -> list[bool]:
    model = keras.saving.load_model(get_model("digits").model_path, compile=False)
    original = model.get_weights()[:-2]
    return [not np.array_equal(a, b) for a, b in zip(original, weights(run_id), strict=True)]


def test_a_frozen_backbone_stays_and_an_unfrozen_block_learns() -> None:
    frozen, both = new_run(unfreeze=0), new_run(epochs=10, frozen_epochs=5)
    execute(frozen)
    assert not any(changed(frozen))
    card = execute(both)
    found = changed(both)
    assert any(found)
    assert not any(found[: len(found) // 2])
    assert card.metrics[0].value > 0.9
    rates = [round(rate, 6) for _, rate in tracking.history(both, "learning_rate")]
    assert rates == 5 * STEPS * [0.01] + 5 * STEPS * [0.001]


@pytest.fixture(scope="module")
def whole(dataset: Dataset) -> list[np.ndarray]:
    """The weights after a run that nothing broke."""
    run_id = new_run()
    execute(run_id)
    return weights(run_id)


@pytest.mark.parametrize("at", [STEPS + 2, 2 * STEPS, 3 * STEPS + 1])
def test_either_phase_resumes_exactly(whole: list[np.ndarray], at: int) -> None:
    broken = new_run()
    watcher = Watcher(at)
    watcher._do = lambda: setattr(watcher, "asked", "pause")
    with pytest.raises(Halted):
        execute(broken, watcher)
    control.resume(broken)
    execute(broken)
    assert all(np.array_equal(a, b) for a, b in zip(whole, weights(broken), strict=True))


def test_phases() -> None:
    def spans(**fields: int) -> list[tuple[int, int]]:
        return [(p.start, p.end) for p in phases(parse_recipe({**RECIPE, **fields}))]

    assert spans() == [(0, 2), (2, 4)]
    assert spans(frozen_epochs=0, unfreeze=0) == [(0, 4)]
    assert spans(unfreeze=0) == [(0, 4)]
    assert spans(frozen_epochs=9, unfreeze=0) == [(0, 4)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"network": "residual"}, "invalid_recipe"),
        ({"network": "transfer:AlexNet"}, "unknown_backbone"),
    ],
)
def test_what_cannot_be_frozen(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_recipe({**RECIPE, **fields})
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["/etc/passwd", "../x.h5", ".hidden.h5"])
def test_weights_come_from_their_folder_alone(name: str) -> None:
    recipe = parse_recipe({**RECIPE, "network": f"transfer:MobileNetV2:{name}", "image_size": 32})
    run_id = submit(recipe, status="RUNNING")
    with pytest.raises(InvalidInput, match="folder"):
        execute(run_id)
