"""The fields of a recipe that a sweep can vary, with the values each of them takes."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from dashboard.core.data.augmentation.catalog import AUGMENTATIONS
from dashboard.core.training.recipe import Recipe

AUGMENTATION = "augmentation."
"""How the name of a field begins that is the strength of an augmentation."""

_NOT_VARIED = ("dataset", "augmentation")  # other images: their accuracies could not be compared


@dataclass(frozen=True)
class Field:
    """One field of a recipe.

    Attributes:
        name: As in recipes, such as `"learning_rate"` or `"augmentation.flip"`.
        kind: `"choice"` of a few values, `"text"`, or a number that is `"whole"` or `"real"`.
        choices: The values of a choice.
        low: Smallest number, or the number it must be larger than; None: no limit.
        high: Largest number, or the number it must be smaller than; None: no limit.
    """

    name: str
    kind: Literal["choice", "text", "whole", "real"]
    choices: tuple[str | int, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether it can have a range."""
        return self.kind in ("whole", "real")


@cache
def sweep_fields() -> dict[str, Field]:
    """Return name → field, in the order of the recipe, the augmentations last."""
    found = [_field(name) for name in Recipe.model_fields if name not in _NOT_VARIED]
    found += [
        Field(AUGMENTATION + entry.id, "real", low=0.0, high=entry.maximum)
        for entry in AUGMENTATIONS
    ]
    return {field.name: field for field in found}


def _field(name: str) -> Field:
    info = Recipe.model_fields[name]
    kind = _without_none(info.annotation)
    if typing.get_origin(kind) is Literal:
        return Field(name, "choice", typing.get_args(kind))
    if kind is str:
        return Field(name, "text")
    low = _limit(info.metadata, "ge", "gt")
    high = _limit(info.metadata, "le", "lt")
    return Field(name, "whole" if kind is int else "real", low=low, high=high)


def _limit(metadata: list[Any], *keys: str) -> float | None:
    found = (getattr(item, key, None) for item in metadata for key in keys)
    return next((limit for limit in found if limit is not None), None)


def _without_none(annotation: Any) -> Any:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next(kind for kind in typing.get_args(annotation) if kind is not type(None))
    return annotation
