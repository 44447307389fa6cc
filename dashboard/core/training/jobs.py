"""What people do with training: submit a recipe, publish what came out."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.core.data.store import get_dataset
from dashboard.core.errors import Conflict
from dashboard.core.models.card import Card
from dashboard.core.models.store import publish
from dashboard.core.runs import tracking
from dashboard.core.runs.history import history_of, thinned
from dashboard.core.runs.tracking import Status
from dashboard.core.training.recipe import Recipe, check_task

_CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")
_POINTS = 100
"""Of each curve on a card: enough to see how a model came about."""


def submit(
    recipe: Recipe,
    text: str = "",
    status: Status = "SCHEDULED",
    command: str = "",
    tags: Mapping[str, str] | None = None,
) -> str:
    """Record a run for `recipe` and return its id.

    Args:
        recipe: A checked recipe; its data set must exist.
        text: The recipe as it was written, with its comments; made from `recipe` if empty.
        status: SCHEDULED to be queued, RUNNING when the caller works it off itself.
        command: The command line that asked for it, for the model's card.
        tags: What else is noted of it from the start.
    """
    check_task(recipe, get_dataset(recipe.dataset))
    fields = recipe.model_dump()
    fields |= {f"augmentation.{key}": value for key, value in fields.pop("augmentation").items()}
    name = f"{recipe.dataset} · {recipe.network}"
    first = {**({"command": command} if command else {}), **(tags or {})}
    return tracking.create_run(name, text or recipe.to_toml(), fields, status, first)


def publish_run(run_id: str, name: str) -> Card:
    """Make a run's model available to Explain and Classify under `name`."""
    run = tracking.get_run(run_id)
    folder = tracking.artifacts(run_id)
    if not (folder / "card.json").exists():
        raise Conflict(
            "The run “{name}” has no model yet. Wait until it has finished.",
            code="no_model",
            name=run.name,
        )
    curves = history_of(run_id).curves(_CURVES)
    return publish(folder, name, {key: thinned(curve, _POINTS) for key, curve in curves.items()})
