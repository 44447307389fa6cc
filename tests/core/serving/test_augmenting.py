"""What an augmentation does to real digits and to the shipped model's answers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import InvalidInput, NotFound
from dashboard.core.images import fit
from dashboard.core.serving.augmented import (
    Effect,
    EffectQuestion,
    LabelledImage,
    Preview,
    PreviewQuestion,
    read_question,
)
from dashboard.core.serving.engine import Engine
from dashboard.core.settings import settings


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(tmp_path_factory.mktemp("augmenting") / "home"))
        settings.cache_clear()
        yield import_dataset("digits")
    settings.cache_clear()


@pytest.fixture(scope="module")
def engine(digits: Dataset) -> Engine:
    return Engine()


def asked(digits: Dataset, **fields: Any) -> dict[str, Any]:
    chosen = sorted(digits.rows("train")["id"])[:6]  # a hash, so of any class
    return {
        "dataset": "digits", "version": digits.version, "ids": chosen, "strengths": {},
        "seed": 0, "copies": 3, "height": 28, "width": 28, "channels": 1, **fields,
    }  # fmt: skip


def pixels(image: LabelledImage) -> np.ndarray:
    shown = np.asarray(Image.open(io.BytesIO(image.png)))
    assert shown.shape == (140, 140)  # five times as large, so that pixels can be seen
    return shown[::5, ::5]


def test_a_preview_shows_what_training_sees(digits: Dataset, engine: Engine) -> None:
    fields = asked(digits, strengths={"flip": 1.0})
    preview = engine.preview(PreviewQuestion(**fields))
    assert [len(results) for results in preview.results] == [3] * 6
    mirrored = []
    for image_id, original, results in zip(
        fields["ids"], preview.originals, preview.results, strict=True
    ):
        plain = fit(digits.pixels(image_id), 28, 28, 1)[..., 0]
        np.testing.assert_array_equal(pixels(original), plain)
        label = digits.row(image_id)["labels"][0]
        for result in results:
            assert result.shares == original.shares == ((label, 1.0),)
            mirrored.append((pixels(result) == plain[:, ::-1]).all())
            assert mirrored[-1] or (pixels(result) == plain).all()
    assert {True, False} == set(mirrored)
    assert engine.preview(PreviewQuestion(**fields)) == preview
    assert engine.preview(PreviewQuestion(**{**fields, "seed": 1})) != preview
    assert Preview.from_json(preview.to_json()) == preview
    assert engine.has_tensorflow


def test_a_mixture_carries_both_labels(digits: Dataset, engine: Engine) -> None:
    fields = asked(digits, strengths={"mixup": 1.0})
    preview = engine.preview(PreviewQuestion(**fields))
    shares = [result.shares for results in preview.results for result in results]
    assert all(sum(share for _, share in item) == pytest.approx(1, abs=0.01) for item in shares)
    assert all(item == tuple(sorted(item, key=lambda pair: -pair[1])) for item in shares)
    assert any(len(item) == 2 for item in shares)


def test_colour_where_it_is_asked_for(digits: Dataset, engine: Engine) -> None:
    grey = PreviewQuestion(**asked(digits, strengths={"hue": 1.0}))
    with pytest.raises(InvalidInput, match="needs colour"):
        engine.preview(grey)
    preview = engine.preview(grey.model_copy(update={"channels": 3}))
    assert np.asarray(Image.open(io.BytesIO(preview.results[0][0].png))).shape == (140, 140, 3)


def test_what_is_not_there_is_refused(digits: Dataset, engine: Engine) -> None:
    for wrong in ({"dataset": "nothing"}, {"version": "0" * 12}, {"ids": ["nothing"]}):
        with pytest.raises(NotFound):
            engine.preview(PreviewQuestion(**asked(digits, **wrong)))


@pytest.mark.parametrize(
    ("field", "value"),
    [("ids", []), ("ids", ["x"] * 13), ("copies", 0), ("copies", 9), ("height", 7),
     ("width", 513), ("channels", 2), ("seed", -1), ("strengths", {"flip": "much"}),
     ("strengths", {str(n): 1 for n in range(33)}), ("copies", None), ("more", 1)],
)  # fmt: skip
def test_a_question_out_of_range_names_the_field(field: str, value: Any) -> None:
    import json

    fields = {
        "dataset": "d", "version": "v", "ids": ["a"], "strengths": {}, "seed": 0, "copies": 1,
        "height": 8, "width": 8, "channels": 1,
    }  # fmt: skip
    assert read_question(PreviewQuestion, json.dumps(fields).encode()) == PreviewQuestion(**fields)
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        read_question(PreviewQuestion, json.dumps(fields | {field: value}).encode())


def effect(engine: Engine, digits: Dataset, **strengths: float) -> Effect:
    return engine.effect(
        EffectQuestion(
            dataset="digits", version=digits.version, strengths=strengths, seed=0, model="digits"
        )
    )


def test_mirroring_digits_changes_the_answer_and_a_little_light_does_not(
    digits: Dataset, engine: Engine
) -> None:
    mirror, light = effect(engine, digits, flip=1.0), effect(engine, digits, brightness=0.05)
    assert mirror.changed.n == light.changed.n == len(digits.rows("val"))
    assert (mirror.changed.split, mirror.changed.name) == ("val", "changed")
    assert mirror.changed.low > 0.15
    assert mirror.changed.value >= mirror.spoiled.value > 0.1
    assert light.changed.value < 0.02
    assert light.changed.low < light.changed.value + 1e-9 < light.changed.high
    assert Effect.from_json(mirror.to_json()) == mirror


def test_no_change_changes_no_answer(digits: Dataset, engine: Engine) -> None:
    nothing = effect(engine, digits)
    assert (nothing.changed.value, nothing.spoiled.value) == (0, 0)


def test_a_changed_label_is_no_changed_answer(digits: Dataset, engine: Engine) -> None:
    with pytest.raises(InvalidInput, match="another label"):
        effect(engine, digits, mixup=0.2)


def test_other_classes_cannot_be_compared(engine: Engine, tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        for number in range(10):
            pixels = np.random.default_rng(number).integers(0, 256, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / label / f"{number}.png")
    pets = import_dataset(tmp_path / "pets")
    question = EffectQuestion(
        dataset="pets", version=pets.version, strengths={"flip": 1.0}, seed=0, model="digits"
    )
    with pytest.raises(InvalidInput, match="other classes"):
        engine.effect(question)
