"""What a sweep varies, and what it says of a file that is wrong."""

from __future__ import annotations

import itertools

import pytest

from dashboard.core.data.augmentation.catalog import AUGMENTATIONS
from dashboard.core.errors import InvalidInput, LightboxError
from dashboard.core.sweeps.combinations import corners, grid, size
from dashboard.core.sweeps.fields import sweep_fields
from dashboard.core.sweeps.search import Choices, Range, parse_search
from dashboard.core.sweeps.sweep import parse_sweep, parse_sweep_toml
from dashboard.core.training.recipe import Recipe, parse_recipe

FILE = """
# Which step size, and does flipping help?
dataset = "digits"
network = "doc-001"
epochs = 4

[augmentation]
noise = 0.1

[sweep]
name = "step size"
method = "asha"
trials = 9
min_epochs = 2

[search]
learning_rate = { low = 1e-4, high = 1, log = true }
batch_size = { low = 16, high = 70, step = 16 }
optimizer = ["adam", "momentum"]
augmentation.rotation = [0, 0.1]
"augmentation.noise" = { low = 0.0, high = 0.5 }
"""


def test_a_file_is_read_and_written_the_same() -> None:
    sweep = parse_sweep_toml(FILE)
    assert sweep.search == {
        "learning_rate": Range(1e-4, 1.0, log=True),
        "batch_size": Range(16, 64, step=16, whole=True),  # 70 is never reached
        "optimizer": Choices(("adam", "momentum")),
        "augmentation.rotation": Choices((0.0, 0.1)),
        "augmentation.noise": Range(0.0, 0.5),
    }
    assert (sweep.name, sweep.method, sweep.trials, sweep.min_epochs) == ("step size", "asha", 9, 2)
    assert sweep.recipe["augmentation"] == {"noise": 0.1}
    assert parse_sweep_toml(sweep.to_toml()) == sweep
    assert parse_sweep_toml(FILE, trials=30).trials == 30


def test_the_recipe_of_a_trial() -> None:
    sweep = parse_sweep_toml(FILE)
    values = {"learning_rate": 0.01, "optimizer": "momentum", "augmentation.rotation": 0.1}
    recipe = parse_recipe(sweep.fields(values))
    assert recipe == Recipe(
        network="doc-001",
        epochs=4,
        learning_rate=0.01,
        optimizer="momentum",
        augmentation={"noise": 0.1, "rotation": 0.1},
    )
    assert sweep.recipe["augmentation"] == {"noise": 0.1}  # itself unchanged


def test_every_field_of_a_recipe_is_known_with_its_limits() -> None:
    fields = sweep_fields()
    expected = set(Recipe.model_fields) - {"dataset", "augmentation"}
    assert set(fields) == expected | {f"augmentation.{entry.id}" for entry in AUGMENTATIONS}
    rate, size_, colour = fields["learning_rate"], fields["image_size"], fields["channels"]
    assert (rate.kind, rate.low, rate.high) == ("real", 0, 10)
    assert (size_.kind, size_.low, size_.high) == ("whole", 16, 512)
    assert (colour.kind, colour.choices) == ("choice", (1, 3))
    assert fields["network"].kind == "text"
    assert fields["weight_decay"].kind == "real"


def test_a_grid_has_every_combination_once() -> None:
    search = parse_search(
        {
            "optimizer": ["adam", "sgd"],
            "epochs": {"low": 1, "high": 3},  # whole numbers have an end
            "label_smoothing": {"low": 0.0, "high": 0.3, "step": 0.1},
        }
    )
    found = [tuple(values.values()) for values in grid(search)]
    expected = itertools.product(("adam", "sgd"), (1, 2, 3), (0.0, 0.1, 0.2, 0.3))
    assert found == list(expected)
    assert len(set(found)) == size(search) == 24


def test_a_grid_is_counted_without_being_made() -> None:
    assert size(parse_search({"seed": {"low": 0, "high": 2_000_000_000}})) == 2_000_000_001


def test_corners() -> None:
    search = parse_search({"optimizer": ["adam", "sgd"], "learning_rate": {"low": 0.1, "high": 1}})
    assert corners(search, 4) == [
        {"optimizer": "adam", "learning_rate": 0.1},
        {"optimizer": "adam", "learning_rate": 1.0},
        {"optimizer": "sgd", "learning_rate": 0.1},
        {"optimizer": "sgd", "learning_rate": 1.0},
    ]
    few = corners(search, 3)  # every value at least once
    assert {values["optimizer"] for values in few} == {"adam", "sgd"}
    assert {values["learning_rate"] for values in few} == {0.1, 1.0}


SEARCHES = [
    ({}, "A sweep varies at least one field."),
    ([1], "A sweep varies at least one field."),
    ({"learning": [1]}, "A sweep cannot vary “learning”. It can vary: network, image_size,"),
    ({"dataset": ["digits"]}, "A sweep cannot vary “dataset”."),
    ({"augmentation": {"wobble": [1]}}, "A sweep cannot vary “augmentation.wobble”."),
    ({"augmentation": [1]}, "A sweep cannot vary “augmentation”."),
    ({"epochs": 3}, "What a sweep tries for `epochs` must be a list of values or a range"),
    ({"epochs": []}, "What a sweep tries for `epochs` must be a list of values or a range"),
    ({"epochs": [3, 3]}, "The values for `epochs` must differ; received 3, 3."),
    ({"epochs": list(range(1, 202))}, "The list for `epochs` has 201 values; at most 200"),
    ({"epochs": [1.5]}, "The values for `epochs` must be whole numbers; received 1.5."),
    ({"epochs": [True]}, "The values for `epochs` must be whole numbers; received True."),
    ({"l2": ["a lot"]}, "The values for `l2` must be numbers; received 'a lot'."),
    ({"l2": [float("nan")]}, "The values for `l2` must be numbers; received nan."),
    ({"network": [7]}, "The values for `network` must be names; received 7."),
    ({"optimizer": ["lion"]}, "The values for `optimizer` must be among gradient_descent, sgd,"),
    ({"optimizer": {"low": 0, "high": 1}}, "`optimizer` is not a number, so a sweep needs a list"),
    ({"l2": {"low": 0}}, "The range of `l2` has the numbers `low` and `high`, and may have"),
    ({"l2": {"low": 0, "high": 1, "by": 2}}, "The range of `l2` has the numbers `low` and `high`"),
    ({"l2": {"low": 0, "high": 1, "log": 1}}, "The range of `l2` has the numbers `low` and `high`"),
    ({"l2": {"low": 1, "high": 0.5}}, "The range of `l2` must have a `low` below its `high`;"),
    ({"l2": {"low": 0, "high": 1, "log": True}}, "The range of `l2` cannot be `log` from 0.0:"),
    ({"l2": {"low": 0.1, "high": 1, "log": True, "step": 0.1}}, "The range of `l2` can have `log`"),
    ({"l2": {"low": 0, "high": 1, "step": 2}}, "The `step` of `l2` must be above 0 and lead from"),
    ({"l2": {"low": 0, "high": 1, "step": -1}}, "The `step` of `l2` must be above 0"),
    ({"l2": {"low": 0, "high": 1, "step": 1e-300}}, "The `step` of `l2` must lead from 0.0 to 1.0"),
    ({"l2": {"low": 0, "high": 1, "step": 1e-320}}, "The `step` of `l2` must lead from 0.0 to 1.0"),
]


@pytest.mark.parametrize(("search", "sentence"), SEARCHES, ids=[line[1][:40] for line in SEARCHES])
def test_a_wrong_search_is_one_sentence(search: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_search(search)
    assert str(raised.value).startswith(sentence)
    assert raised.value.code == "invalid_sweep"
    assert LightboxError.from_json(raised.value.to_json()).args == raised.value.args


RATES = {"learning_rate": [0.1, 0.2]}
SWEEPS = [
    ({"sweep": {"method": "magic"}}, "A sweep's `method` must be one of random, grid, asha, tpe;"),
    ({"sweep": {"trials": 0}}, "A sweep's `trials` must be a whole number from 1 to 200; received"),
    ({"sweep": {"trials": "8"}}, "A sweep's `trials` must be a whole number from 1 to 200;"),
    ({"sweep": {"name": "n" * 61}}, "A sweep's `name` must be a text of at most 60 characters;"),
    ({"sweep": {"goal": "test"}}, "A sweep has no setting `goal`. The table `sweep` takes: name,"),
    ({"sweep": 8}, "A sweep has no setting ``. The table `sweep` takes: name,"),
    ({"epoch": 3}, "A recipe has no field `epoch`."),
    ({"augmentation": 3}, "The recipe's `augmentation` must be dict; received 3."),
    ({"search": {"epochs": [1, 1001]}}, "The recipe's `epochs` must be ≤ 1000; received 1001."),
    ({"search": {"l2": {"low": 0, "high": 2}}}, "The recipe's `l2` must be ≤ 1.0; received 2.0."),
    ({"search": {"network": ["mlp", "alexnet"]}}, "There is no network “alexnet”."),
    ({"search": {"image_size": [28, 32]}, "network": "doc-001"}, "The network “doc-001” has"),
    (
        {"search": {"loss": ["mae", "focal"], "label_smoothing": [0.0, 0.1]}},
        "With `loss` mae the recipe's `label_smoothing` of 0.1 would do nothing.",
    ),
    (
        {"sweep": {"method": "grid"}, "search": RATES | {"epochs": {"low": 1, "high": 101}}},
        "The grid has 202 combinations, and at most 200 are allowed.",
    ),
    (
        {"sweep": {"method": "grid", "trials": 1}, "search": RATES},
        "The grid has 2 combinations, and at most 1 are allowed.",
    ),
    (
        {"sweep": {"method": "grid"}, "search": {"l2": {"low": 0, "high": 1}}},
        "A grid tries every value, and the range of `l2` has no end of them.",
    ),
    (
        {"sweep": {"method": "asha", "min_epochs": 3}, "epochs": 3},
        "Runs of 3 epochs cannot be stopped early after 3.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "sentence"), SWEEPS, ids=[line[1][:40] for line in SWEEPS])
def test_a_wrong_sweep_is_one_sentence(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_sweep({"search": RATES} | fields)
    assert str(raised.value).startswith(sentence)


def test_what_is_no_toml() -> None:
    with pytest.raises(InvalidInput, match="not valid TOML"):
        parse_sweep_toml("[search")
