"""A real run on mixed digits."""

from __future__ import annotations

import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.runs import tracking
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe


@pytest.mark.usefixtures("module_home")
def test_a_run_learns_from_mixtures() -> None:
    import_dataset("digits")
    recipe = {
        "network": "doc-001", "epochs": 3, "learning_rate": 0.002,
        "augmentation": {"mixup": 0.4, "cutmix": 0.5, "rand_augment": 0.2},
    }  # fmt: skip
    run_id = submit(parse_recipe(recipe), status="RUNNING")
    card = execute(run_id)
    loss = [value for _, value in tracking.history(run_id, "loss")]
    accuracy = [value for _, value in tracking.history(run_id, "accuracy")]
    assert card.metrics[0].value > 0.8  # tested on whole digits
    assert sum(loss[-20:]) < 0.8 * sum(loss[:20])
    # The mixtures themselves: right is the digit there is more of, and much of the loss stays.
    assert sum(accuracy[-20:]) / 20 > 0.5
    assert min(loss) > 0.3
