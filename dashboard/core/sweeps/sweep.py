"""A sweep: a recipe, what varies in it, how and how often, as a TOML file people can read.

The file is a recipe with two more tables:

    network = "doc-001"
    epochs = 3

    [sweep]
    method = "random"
    trials = 8

    [search]
    learning_rate = {low = 0.0001, high = 0.1, log = true}
    optimizer = ["adam", "momentum"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dashboard.core.data.store import get_dataset
from dashboard.core.errors import InvalidInput
from dashboard.core.sweeps.combinations import corners, size
from dashboard.core.sweeps.fields import AUGMENTATION
from dashboard.core.sweeps.search import Search, Value, parse_search
from dashboard.core.text import mark
from dashboard.core.training.recipe import Recipe, check_task, parse_recipe

MAX_TRIALS = 200
DEFAULT_TRIALS = 12

MethodId = Literal["grid", "random", "tpe", "asha"]

_CODE = "invalid_sweep"
_TABLES = ("sweep", "search")


@dataclass(frozen=True)
class Method:
    """A way to choose what is tried next.

    Attributes:
        id: Stable name, as in a sweep's file.
        label: Name shown to people.
        description: How it chooses.
    """

    id: MethodId
    label: str
    description: str


METHODS = (
    Method(
        "random",
        mark("Random"),
        mark(
            "Draws each value by itself; finds good ones with fewer runs than a grid where only "
            "some fields matter (Bergstra and Bengio 2012)."
        ),
    ),
    Method("grid", mark("Grid"), mark("Tries every combination of the listed values once.")),
    Method(
        "asha",
        mark("Early stopping"),
        mark(
            "Draws at random and stops the runs early that are behind: only the best part goes on "
            "for longer (ASHA, Li et al. 2018, arXiv 1810.05934)."
        ),
    ),
    Method(
        "tpe",
        mark("Learning from the runs before"),
        mark("Draws five times at random, then near what worked well (TPE, Bergstra et al. 2011)."),
    ),
)


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field("", max_length=60)
    method: MethodId = "random"
    trials: int | None = Field(None, ge=1, le=MAX_TRIALS)
    seed: int = Field(0, ge=0, lt=2**31)
    min_epochs: int = Field(1, ge=1, le=1000)
    reduction: int = Field(3, ge=2, le=10)


_SENTENCES = {
    "name": mark("A sweep's `name` must be a text of at most 60 characters; received {value}."),
    "method": mark("A sweep's `method` must be one of {choices}; received {value}."),
    "trials": mark("A sweep's `trials` must be a whole number from 1 to {most}; received {value}."),
    "seed": mark("A sweep's `seed` must be a whole number, 0 or more; received {value}."),
    "min_epochs": mark(
        "A sweep's `min_epochs` must be a whole number from 1 to 1000; received {value}."
    ),
    "reduction": mark(
        "A sweep's `reduction` must be a whole number from 2 to 10; received {value}."
    ),
}


@dataclass(frozen=True)
class Sweep:
    """What is to be tried.

    Attributes:
        name: Shown to people.
        method: Id of how the values are chosen.
        trials: How many runs there will be.
        seed: Start of the random choices of the values; the runs have the recipe's.
        min_epochs: With `"asha"`: epochs that every run gets.
        reduction: With `"asha"`: of so many runs one goes on, after `min_epochs`, after
            `reduction` times as many, and so forth.
        recipe: Fields of the recipe that are the same in all runs.
        search: What varies.
    """

    name: str
    method: MethodId
    trials: int
    seed: int
    min_epochs: int
    reduction: int
    recipe: Mapping[str, Any]
    search: Search

    @property
    def dataset(self) -> str:
        """Name of the data set, the same in all runs."""
        return str(self.recipe.get("dataset", Recipe.model_fields["dataset"].default))

    def fields(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """Return the fields of the recipe with these values."""
        strengths = {
            name.removeprefix(AUGMENTATION): value
            for name, value in values.items()
            if name.startswith(AUGMENTATION)
        }
        others = {key: value for key, value in values.items() if not key.startswith(AUGMENTATION)}
        fields = {**self.recipe, **others}
        given = fields.get("augmentation", {})
        if strengths and isinstance(given, Mapping):  # else the recipe's check refuses it
            fields["augmentation"] = {**given, **strengths}
        return fields

    def to_toml(self) -> str:
        """Write the sweep as TOML."""
        settings = {"name": self.name, "method": self.method, "trials": self.trials}
        settings["seed"] = self.seed
        if self.method == "asha":
            settings |= {"min_epochs": self.min_epochs, "reduction": self.reduction}
        search = tomlkit.table()
        for name, entry in self.search.items():
            given = entry.to_toml()
            if isinstance(given, dict):
                inline = tomlkit.inline_table()
                inline.update(given)
                given = inline
            search.add(name, given)
        recipe = {key: value for key, value in self.recipe.items() if value not in (None, {})}
        tables = {"sweep": settings, "search": search}
        plain = {key: value for key, value in recipe.items() if not isinstance(value, Mapping)}
        return tomlkit.dumps({**plain, **recipe, **tables})


def parse_sweep(fields: Mapping[str, Any]) -> Sweep:
    """Check the content of a sweep's file and return the sweep.

    Raises:
        InvalidInput: A setting, the table `search` or a recipe that would be tried is wrong.
    """
    settings = _settings(fields.get("sweep", {}))
    recipe = {key: value for key, value in fields.items() if key not in _TABLES}
    search = parse_search(fields.get("search"))
    sweep = Sweep(
        name=settings.name,
        method=settings.method,
        trials=_trials(settings, search),
        seed=settings.seed,
        min_epochs=settings.min_epochs,
        reduction=settings.reduction,
        recipe=recipe,
        search=search,
    )
    _check_recipes(sweep)
    return (
        sweep if sweep.name else replace(sweep, name=f"{sweep.dataset} · {', '.join(search)}"[:60])
    )


def parse_sweep_toml(text: str, trials: int | None = None) -> Sweep:
    """Read a sweep from TOML text.

    Args:
        text: What is in its file.
        trials: Other than in the file, if given.
    """
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            "The sweep is not valid TOML: {detail}.", code=_CODE, detail=str(error)
        ) from error
    if trials is not None and isinstance(fields.get("sweep", {}), dict):
        fields["sweep"] = {**fields.get("sweep", {}), "trials": trials}
    return parse_sweep(fields)


def _settings(given: Any) -> _Settings:
    try:
        return _Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = str((first["loc"] or ("",))[0])
        value = repr(first.get("input"))[:80]
        if field not in _SENTENCES:
            raise InvalidInput(
                "A sweep has no setting `{field}`. The table `sweep` takes: {choices}.",
                code=_CODE,
                field=field[:80],
                choices=", ".join(_SENTENCES),
            ) from error
        choices = ", ".join(method.id for method in METHODS)
        raise InvalidInput(
            _SENTENCES[field], code=_CODE, value=value, choices=choices, most=MAX_TRIALS
        ) from error


def _trials(settings: _Settings, search: Search) -> int:
    if settings.method != "grid":
        return settings.trials or DEFAULT_TRIALS
    n, most = size(search), settings.trials or MAX_TRIALS
    if n > most:
        raise InvalidInput(
            "The grid has {n} combinations, and at most {most} are allowed. Take values out, raise "
            "`trials` (at most {limit}), or choose the method random.",
            code="grid_too_large",
            n=n,
            most=most,
            limit=MAX_TRIALS,
        )
    return n


def _check_recipes(sweep: Sweep) -> None:
    recipes = [parse_recipe(sweep.fields(values)) for values in corners(sweep.search, MAX_TRIALS)]
    longest = max(recipe.epochs for recipe in recipes)
    if sweep.method == "asha" and longest <= sweep.min_epochs:
        raise InvalidInput(
            "Runs of {epochs} epochs cannot be stopped early after {least}. Raise `epochs`, or "
            "choose another method.",
            code=_CODE,
            epochs=longest,
            least=sweep.min_epochs,
        )


def check_dataset(sweep: Sweep) -> None:
    """Raise `NotFound` or `InvalidInput` where the data set does not fit a recipe tried on it."""
    for values in corners(sweep.search, MAX_TRIALS):
        recipe = parse_recipe(sweep.fields(values))
        check_task(recipe, get_dataset(recipe.dataset))
