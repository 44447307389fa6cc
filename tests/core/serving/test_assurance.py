"""What stands behind an answer, through the engine: with a model that was trained here."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.errors import InvalidInput
from dashboard.core.images import encode_png
from dashboard.core.models.store import get_model
from dashboard.core.serving.answers import Answer
from dashboard.core.serving.engine import Engine
from dashboard.core.serving.question import Question
from dashboard.core.training.execute import execute
from dashboard.core.training.jobs import publish_run, submit
from dashboard.core.training.recipe import parse_recipe

KINDS = {"dark": (10, 60), "light": (190, 245)}


@pytest.fixture(scope="module")
def dataset(module_home: Path) -> Dataset:
    """Stripes, dark or light, 40 × 40."""
    generator = np.random.default_rng(0)
    for label, (low, high) in KINDS.items():
        (module_home / "stripes" / label).mkdir(parents=True)
        for number in range(200):
            rows = generator.integers(low, high, (40, 1, 3), np.uint8)
            pixels = np.broadcast_to(rows, (40, 40, 3)).copy()
            Image.fromarray(pixels).save(module_home / "stripes" / label / f"{number}.png")
    return import_dataset(module_home / "stripes")


@pytest.fixture(scope="module")
def engine(dataset: Dataset) -> Engine:
    fields = {
        "dataset": "stripes",
        "network": "doc-003",
        "epochs": 6,
        "batch_size": 16,
        "learning_rate": 0.002,
        "optimizer": "adam",
    }
    run_id = submit(parse_recipe(fields))
    execute(run_id)
    publish_run(run_id, "stripes")
    return Engine()


def stored(dataset: Dataset, split: str, place: int = 0) -> bytes:
    row = dataset.rows(split).iloc[place]
    return (dataset.path / row["file"]).read_bytes()


def test_the_card_says_what_was_measured(engine: Engine) -> None:
    card = get_model("stripes").card
    assert card.trust is not None
    assert {metric.split for metric in card.trust.refused} == {
        "test", "noise", "colour", "letters", "photos",
    }  # fmt: skip
    assert card.temperature != 1


def test_a_known_picture_is_known_and_has_a_set_and_evidence(
    engine: Engine, dataset: Dataset
) -> None:
    answer = engine.classify(stored(dataset, "test"), Question(model="stripes", evidence=3))
    assured = answer.assurance
    assert assured is not None
    assert assured.known
    assert assured.likeness >= assured.least_likeness
    assert not assured.trained_on
    best = answer.predictions[0].label
    assert assured.sets[""][0] == best
    assert [item.label for item in assured.evidence] == [best] * 3
    likenesses = [item.likeness for item in assured.evidence]
    assert likenesses == sorted(likenesses, reverse=True)
    with Image.open(io.BytesIO(assured.evidence[0].image_png)) as picture:
        assert picture.size == (32, 32)
    assert answer.notes == ()
    assert Answer.from_json(answer.to_json()) == answer


def test_a_stricter_promise_never_makes_the_set_smaller(engine: Engine, dataset: Dataset) -> None:
    content = stored(dataset, "test", 1)
    trust = get_model("stripes").card.trust
    assert trust is not None
    sizes = []
    for item in sorted(trust.coverage, key=lambda item: -item.error):
        assured = engine.classify(content, Question(model="stripes", error=item.error)).assurance
        assert assured is not None
        assert assured.error == item.error
        sizes.append(len(assured.sets[""]))
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("kind", ["noise", "colour"])
def test_what_is_unlike_all_it_learned_from_is_declined_with_the_reason(
    engine: Engine, kind: str
) -> None:
    generator = np.random.default_rng(3)
    pixels = generator.integers(0, 256, (40, 40, 3), np.uint8)
    if kind == "colour":
        pixels = np.full((40, 40, 3), (0, 255, 90), np.uint8)
    answer = engine.classify(encode_png(pixels), Question(model="stripes"))
    assert answer.assurance is not None
    assert not answer.assurance.known
    (note,) = answer.notes
    assert note.code == "unknown"
    assert ("one colour" in note.template) == (kind == "colour")


def test_a_training_image_is_told_apart_in_whatever_file_its_pixels_come(
    engine: Engine, dataset: Dataset
) -> None:
    content = stored(dataset, "train")
    again = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        picture.save(again, "BMP")
    for sent in (content, again.getvalue()):
        answer = engine.classify(sent, Question(model="stripes"))
        assert answer.assurance is not None
        assert answer.assurance.trained_on
        assert [note.code for note in answer.notes] == ["trained_on"]


def test_the_nearest_promise_of_the_card_is_given(engine: Engine, dataset: Dataset) -> None:
    for wished, given in ((0.1, 0.1), (0.3, 0.2), (0.0001, 0.05)):
        assured = engine.classify(
            stored(dataset, "test"), Question(model="stripes", error=wished)
        ).assurance
        assert assured is not None
        assert assured.error == given


@pytest.mark.parametrize("error", [0, 1, -3, float("nan")])
def test_a_promise_that_nobody_can_give_is_refused(engine: Engine, error: float) -> None:
    with pytest.raises(InvalidInput, match="between 0 and 1; received"):
        engine.classify(b"", Question(model="stripes", error=error))


def test_evidence_has_a_limit(engine: Engine) -> None:
    with pytest.raises(InvalidInput, match="from 0 to 12; received “13”"):
        engine.classify(b"", Question(model="stripes", evidence=13))
