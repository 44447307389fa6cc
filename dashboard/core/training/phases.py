"""The phases of a run: one, or two where a network starts from another. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras

from dashboard.core.models.freezing import freeze, unfreeze_last
from dashboard.core.training.recipe import Recipe

_RATE = 0.1  # of the unfrozen backbone: it is to be adapted, not learned anew


@dataclass(frozen=True)
class Phase:
    """A stretch of epochs in which the same weights learn.

    Attributes:
        start: Its first epoch, from 0.
        recipe: What to do in it: `epochs` are its own.
        prepare: Says which weights of the network learn.
    """

    start: int
    recipe: Recipe
    prepare: Callable[[keras.Model], None]

    @property
    def end(self) -> int:
        """The epoch after its last one."""
        return self.start + self.recipe.epochs


def phases(recipe: Recipe) -> list[Phase]:
    """Return the phases of a run, in order."""
    if not recipe.frozen_epochs:
        return [Phase(0, recipe, lambda network: None)]
    if not recipe.unfreeze:
        return [Phase(0, recipe, freeze)]
    first = recipe.model_copy(update={"epochs": recipe.frozen_epochs})
    second = recipe.model_copy(
        update={
            "epochs": recipe.epochs - recipe.frozen_epochs,
            "learning_rate": _RATE * recipe.learning_rate,
        }
    )
    return [
        Phase(0, first, freeze),
        Phase(first.epochs, second, lambda network: unfreeze_last(network, recipe.unfreeze)),
    ]
