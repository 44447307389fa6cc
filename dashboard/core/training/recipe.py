"""A recipe: everything that decides what a training run does, as a TOML file people can read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dashboard.core.data.augmentation.catalog import check_augmentation, mixes
from dashboard.core.data.dataset import Dataset
from dashboard.core.errors import InvalidInput, NotFound
from dashboard.core.models.networks import get_network
from dashboard.core.models.transfer_network import TRANSFER
from dashboard.core.runs import tracking
from dashboard.core.text import mark
from dashboard.core.training.conflicts import check_conflicts
from dashboard.core.training.precision import Precision

RECIPES = Path(__file__).parent / "recipes"
"""Folder of the presets, one TOML file each."""


class Recipe(BaseModel):
    """A training recipe. Wrong fields raise `InvalidInput` naming the field and its choices."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str = Field("digits", description=mark("Name of the data set."))
    network: str = Field("residual", description=mark("Id of the network in the catalogue."))
    image_size: int | None = Field(
        None, ge=16, le=512, description=mark("Side of the input in pixels; empty: the network's.")
    )
    channels: Literal[1, 3] | None = Field(
        None, description=mark("1 for grey, 3 for colour; empty: the network's.")
    )
    epochs: int = Field(10, ge=1, le=1000, description=mark("Passes over the training images."))
    batch_size: int = Field(32, ge=1, le=4096, description=mark("Images per step."))
    optimizer: Literal["gradient_descent", "sgd", "momentum", "rmsprop", "adam", "adamw"] = Field(
        "adam",
        description=mark(
            "How the weights follow the gradient; gradient_descent takes one step an epoch, with "
            "the gradient of all images."
        ),
    )
    learning_rate: float = Field(0.001, gt=0, le=10, description=mark("Step size at its highest."))
    schedule: Literal["constant", "step", "cosine", "one_cycle", "plateau", "range_test"] = Field(
        "constant", description=mark("How the step size changes over the run.")
    )
    warmup: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description=mark("Share of the run over which the step size first rises from zero."),
    )
    loss: Literal[
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
        "binary_crossentropy",
        "focal",
        "mae",
    ] = Field(
        "sparse_categorical_crossentropy",
        description=mark(
            "Cross-entropy on whole-number or on one-hot labels, which MixUp, CutMix and label "
            "smoothing need and bring; binary: each class on its own; focal: hard images count "
            "more (Lin et al. 2017, arXiv 1708.02002); mae: mean absolute error, for comparison."
        ),
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description=mark("Share of the label that is spread over all classes."),
    )
    weight_decay: float | None = Field(
        None,
        ge=0,
        le=1,
        description=mark(
            "Share of the weights taken off, times the step size; empty: 0.004 with adamw, else 0."
        ),
    )
    l2: float = Field(
        0.0, ge=0, le=1, description=mark("Weight of the sum of squared weights in the loss.")
    )
    ema: float = Field(
        0.0,
        ge=0,
        lt=1,
        description=mark(
            "Weight of the past in a running mean of the weights, which is then what is validated "
            "and kept; 0: none."
        ),
    )
    early_stopping: int = Field(
        0,
        ge=0,
        le=1000,
        description=mark("Epochs without a lower validation loss after which to stop; 0: never."),
    )
    class_weights: Literal["none", "balanced"] = Field(
        "none", description=mark("balanced: images of rare classes count more in the loss.")
    )
    sampling: Literal["none", "balanced", "augmented"] = Field(
        "none",
        description=mark(
            "balanced: images of rare classes are shown more often; augmented: likewise, and the "
            "augmentation changes these repeats alone."
        ),
    )
    frozen_epochs: int = Field(
        0,
        ge=0,
        le=1000,
        description=mark("Of a transfer: epochs in which only the new last layer learns."),
    )
    unfreeze: int = Field(
        0,
        ge=0,
        le=1000,
        description=mark(
            "Of a transfer: last blocks of the backbone that learn after that, at a tenth of the "
            "step size; 0: none."
        ),
    )
    precision: Precision = Field(
        "float32",
        description=mark(
            "How products are computed; bfloat16 rounds them to 8 bits: about twice as fast on "
            "processors and GPUs made for it, slow on others. Weights and the exported model "
            "stay float32."
        ),
    )
    seed: int = Field(
        0, ge=0, lt=2**31, description=mark("Start of every random choice of the run.")
    )
    augmentation: dict[str, float] = Field(
        default_factory=dict, description=mark("Random changes of the training images.")
    )

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """`(height, width, channels)` the network gets."""
        network = get_network(self.network)
        return (
            self.image_size or network.height,
            self.image_size or network.width,
            self.channels or network.channels,
        )

    @property
    def one_hot(self) -> bool:
        """Whether it trains on one-hot labels: a mixture has no whole-number label.

        For a label that is not mixed the two forms of the loss are the same number.
        """
        mixed = mixes(name for name, strength in self.augmentation.items() if strength)
        return self.loss != "sparse_categorical_crossentropy" or mixed or self.label_smoothing > 0

    def to_toml(self) -> str:
        """Write the recipe as TOML; fields left to the network are omitted."""
        return tomlkit.dumps(self.model_dump(exclude_none=True))


def parse_recipe(fields: dict[str, Any]) -> Recipe:
    """Check `fields` and return the recipe."""
    try:
        recipe = Recipe.model_validate(fields)
    except ValidationError as error:
        raise _plain(error) from error
    network = get_network(recipe.network)
    if (recipe.frozen_epochs or recipe.unfreeze) and not recipe.network.startswith(TRANSFER):
        raise InvalidInput(
            "Only a network that starts with `transfer:` can be frozen; received {network}. "
            "Remove `frozen_epochs` and `unfreeze` or choose such a network.",
            code="invalid_recipe",
            network=network.id,
        )
    if (recipe.image_size or recipe.channels) and not network.free_input:
        raise InvalidInput(
            "The network “{network}” has a fixed input of {height}×{width}×{channels}; "
            "remove `image_size` and `channels` or choose another network.",
            code="invalid_recipe",
            network=network.id,
            height=network.height,
            width=network.width,
            channels=network.channels,
        )
    check_augmentation(recipe.augmentation, recipe.input_shape[2])
    check_conflicts(recipe)
    return recipe


def check_task(recipe: Recipe, dataset: Dataset) -> None:
    """Raise `InvalidInput` where a recipe cannot be used with several labels or tasks per image."""
    if dataset.task == "multi_label":
        _check_several_labels(recipe, dataset)
    if dataset.task == "multi_task":
        _check_several_tasks(recipe, dataset)


def _check_several_tasks(recipe: Recipe, dataset: Dataset) -> None:
    if recipe.loss == "binary_crossentropy":
        raise InvalidInput(
            "Each of the tasks of “{dataset}” has one right class, so the recipe's `loss` must "
            "not be binary_crossentropy. Choose sparse_categorical_crossentropy.",
            code="invalid_recipe",
            dataset=dataset.name,
        )
    for field in ("class_weights", "sampling"):
        if getattr(recipe, field) != "none":
            raise InvalidInput(
                "The data set “{dataset}” has several tasks, and images that are rare for one are "
                "common for another, so the recipe's `{field}` must be none.",
                code="invalid_recipe",
                dataset=dataset.name,
                field=field,
            )


def _check_several_labels(recipe: Recipe, dataset: Dataset) -> None:
    wrong = {
        "loss": recipe.loss != "binary_crossentropy",
        "class_weights": recipe.class_weights != "none",
        "sampling": recipe.sampling != "none",
        "augmentation": mixes(name for name, value in recipe.augmentation.items() if value),
    }
    needed = {
        "loss": "binary_crossentropy",
        "class_weights": "none",
        "sampling": "none",
        "augmentation": "without mixup, cutmix",
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise InvalidInput(
                "The images of “{dataset}” have several labels each, so the recipe's `{field}` "
                "must be {expected}.",
                code="invalid_recipe",
                dataset=dataset.name,
                field=field,
                expected=needed[field],
            )


def parse_toml(text: str) -> Recipe:
    """Read a recipe from TOML text."""
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            "The recipe is not valid TOML: {detail}.", code="invalid_recipe", detail=str(error)
        ) from error
    return parse_recipe(fields)


def augmentation_toml(strengths: Mapping[str, float]) -> str:
    """Write augmentations, id → strength, as the table a recipe has for them."""
    return tomlkit.dumps({"augmentation": dict(strengths)})


def presets() -> dict[str, Path]:
    """Name → file of every preset."""
    return {path.stem: path for path in sorted(RECIPES.glob("*.toml"))}


def kept_text(name: str) -> str:
    """Return the TOML of a preset, or of a run when the name is its id.

    A name may come from anybody, such as in a link: no other file is opened for it.
    """
    if _is_run(name):
        return tracking.recipe_of(name)
    path = presets().get(name)
    if not path:
        raise NotFound(
            "There is no recipe “{value}”. Give a TOML file, the id of a run or one of: {choices}.",
            code="recipe_not_found",
            value=name,
            choices=", ".join(presets()),
        )
    return path.read_text(encoding="utf-8")


def _is_run(name: str) -> bool:
    return bool(re.fullmatch("[0-9a-f]{32}", name))


def recipe_text(name_or_path: str) -> str:
    """Return the TOML of a preset, of a run when the name is its id, or of a file."""
    path = Path(name_or_path)
    if name_or_path in presets() or _is_run(name_or_path) or not path.is_file():
        return kept_text(name_or_path)
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "The recipe “{value}” is not a text file.", code="invalid_recipe", value=path.name
        ) from error


def _plain(error: ValidationError) -> InvalidInput:
    first = error.errors()[0]
    field, kind, context = str((first["loc"] or ("",))[0]), first["type"], first.get("ctx", {})
    received = repr(first.get("input"))[:80]
    if kind == "extra_forbidden":
        return InvalidInput(
            "A recipe has no field `{field}`. Its fields are: {choices}.",
            code="invalid_recipe",
            field=field,
            choices=", ".join(Recipe.model_fields),
        )
    if kind == "literal_error":
        return InvalidInput(
            "The recipe's `{field}` must be one of {choices}; received {value}.",
            code="invalid_recipe",
            field=field,
            choices=context["expected"],
            value=received,
        )
    limits = {
        "greater_than": ">",
        "greater_than_equal": "≥",
        "less_than": "<",
        "less_than_equal": "≤",
    }
    if kind in limits:
        return InvalidInput(
            "The recipe's `{field}` must be {sign} {limit}; received {value}.",
            code="invalid_recipe",
            field=field,
            sign=limits[kind],
            limit=next(iter(context.values())),
            value=received,
        )
    return InvalidInput(
        "The recipe's `{field}` must be {expected}; received {value}.",
        code="invalid_recipe",
        field=field,
        expected=kind.split("_")[0],
        value=received,
    )
