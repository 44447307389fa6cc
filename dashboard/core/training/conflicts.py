"""Pairs of a recipe's fields of which one would silently take away the effect of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.core.data.augmentation.catalog import mixes
from dashboard.core.errors import InvalidInput

if TYPE_CHECKING:
    from dashboard.core.training.recipe import Recipe


def check_conflicts(recipe: Recipe) -> None:
    """Raise `InvalidInput`, naming both fields, where one of them would do nothing."""
    _check_sampling(recipe)
    two_phases = 0 < recipe.frozen_epochs < recipe.epochs
    useless = (
        ("warmup", "schedule", recipe.schedule == "plateau"),
        ("label_smoothing", "loss", recipe.loss == "mae"),
        ("unfreeze", "frozen_epochs", not two_phases),
    )
    for field, other, applies in useless:
        given = getattr(recipe, field)
        if given and applies:
            raise InvalidInput(
                "With `{other}` {value} the recipe's `{field}` of {given} would do nothing. Set "
                "`{field}` to 0 or change `{other}`.",
                code="invalid_recipe",
                field=field,
                given=given,
                other=other,
                value=getattr(recipe, other),
            )


def _check_sampling(recipe: Recipe) -> None:
    used = [name for name, strength in recipe.augmentation.items() if strength]
    if recipe.sampling == "augmented" and (not used or mixes(used)):
        raise InvalidInput(
            "With `sampling` augmented the recipe's `augmentation` changes the repeated images of "
            "rare classes one by one; received {received}. Choose at least one, without MixUp and "
            "CutMix.",
            code="invalid_recipe",
            received=", ".join(used) or "–",
        )
