from pathlib import Path

import pytest

from dashboard.core.errors import InvalidInput, LightboxError, NotFound
from dashboard.core.training.recipe import Recipe, parse_recipe, parse_toml, presets, recipe_text

TRANSFER = "network = 'transfer:model:digits'"


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_a_recipe_and_says_how_to_run_it(name: str) -> None:
    text = recipe_text(name)
    recipe = parse_toml(text)
    assert parse_toml(recipe.to_toml()) == recipe
    assert f"python -m dashboard train {name}" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epochs = 0", "`epochs` must be ≥ 1; received 0"),
        ("epochs = 'many'", "`epochs` must be int"),
        ("learning_rate = nan", "`learning_rate`"),
        ("learning_rate = inf", "`learning_rate` must be ≤ 10"),
        ("optimizer = 'adm'", "'adam'"),
        ("epoch = 3", "no field `epoch`"),
        ("network = 'alexnet'", "no network “alexnet”. Choose one of: doc-000"),
        ("network = 'doc-003'\nimage_size = 64", "fixed input of 32×32×3"),
        ("[augmentation]\nflop = 1.0", "no augmentation “flop”"),
        ("[augmentation]\nrotation = 3.0", "between 0 and 0.5; received 3.0"),
        ("channels = 1\n[augmentation]\nhue = 0.5", "“hue” needs colour"),
        ("network = 'doc-001'\n[augmentation]\nsaturation = 0.5", "“saturation” needs colour"),
        ("epochs = ", "not valid TOML"),
        (
            "schedule = 'plateau'\nwarmup = 0.1",
            "With `schedule` plateau the recipe's `warmup` of 0.1 would do nothing",
        ),
        (
            "loss = 'mae'\nlabel_smoothing = 0.2",
            "With `loss` mae the recipe's `label_smoothing` of 0.2 would do nothing",
        ),
        ("sampling = 'augmented'", "With `sampling` augmented the recipe's `augmentation`"),
        (
            "sampling = 'augmented'\n[augmentation]\nflip = 1.0\nmixup = 0.2",
            "received flip, mixup",
        ),
        (f"{TRANSFER}\nunfreeze = 1", "With `frozen_epochs` 0 the recipe's `unfreeze` of 1"),
        (
            f"{TRANSFER}\nepochs = 3\nfrozen_epochs = 3\nunfreeze = 1",
            "With `frozen_epochs` 3 the recipe's `unfreeze` of 1",
        ),
    ],
)
def test_a_wrong_recipe_names_the_field(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_toml(text)
    assert words in str(caught.value)
    assert LightboxError.from_json(caught.value.to_json()).args == caught.value.args


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_bytes(b"\xef\xbb\xbfepochs = 3\r\n")
    assert parse_toml(recipe_text(str(path))).epochs == 3


def test_an_unknown_recipe_names_the_presets() -> None:
    with pytest.raises(NotFound, match="doc-003"):
        recipe_text("nothing-like-it")


def test_the_input_is_the_networks_unless_chosen() -> None:
    assert Recipe(network="doc-001").input_shape == (28, 28, 1)
    assert parse_recipe({"network": "residual", "image_size": 48}).input_shape == (48, 48, 3)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, False),
        ({"loss": "categorical_crossentropy"}, True),
        ({"augmentation": {"mixup": 0.2}}, True),
        ({"augmentation": {"mixup": 0.0, "flip": 1.0}}, False),
    ],
)
def test_mixtures_need_one_hot_labels(fields: dict[str, object], expected: bool) -> None:
    assert parse_recipe(fields).one_hot is expected
