import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dashboard.core.errors import InvalidInput, LightboxError, NotFound, UnsupportedMedia
from dashboard.core.models.card import Card
from dashboard.core.models.outputs import Outputs
from dashboard.core.models.store import get_model, publish, unpublish
from dashboard.core.serving import engine as engine_module
from dashboard.core.serving.answers import Answer
from dashboard.core.serving.engine import Engine
from dashboard.core.serving.loaded import LoadedModel
from dashboard.core.serving.question import Question
from dashboard.core.settings import Settings, settings


@pytest.fixture(autouse=True)
def no_shipped_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "shipped_models", tmp_path / "none")


def pixels_of(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_a_small_picture_comes_along_where_it_is_asked_for(published: Card, image: bytes) -> None:
    assert Engine().classify(image).thumb_png is None
    answer = Engine().classify(image, Question(thumb=16))
    assert answer.thumb_png is not None
    thumb = pixels_of(answer.thumb_png)
    assert thumb.shape == (16, 16, 3)
    assert (thumb == (10, 250, 30)).all()
    assert Answer.from_json(answer.to_json()) == answer
    for side in (-1, 257):
        with pytest.raises(InvalidInput, match="thumb"):
            Engine().classify(image, Question(thumb=side))


def test_an_answer(published: Card, image: bytes) -> None:
    answer = Engine().classify(image)
    assert (answer.model, answer.version) == ("digits", published.version)
    # The logits are 4 × (10, 250, 30) / 255.
    exponentials = np.exp(4 * np.array([10, 250, 30]) / 255)
    expected = exponentials / exponentials.sum()
    assert [(item.label, item.index) for item in answer.predictions] == [
        ("green", 1),
        ("blue", 2),
        ("red", 0),
    ]
    received = [item.probability for item in answer.predictions]
    np.testing.assert_allclose(received, expected[[1, 2, 0]], rtol=1e-5)
    assert answer.timing_ms.keys() == {"decode", "predict", "total"}
    assert answer.timing_ms["total"] >= answer.timing_ms["predict"] > 0
    assert answer.explanation is None


def test_the_temperature_of_the_card_counts(
    home: Path, variant: Callable[..., Path], image: bytes
) -> None:
    publish(variant(temperature=4.0), "warm")
    exponentials = np.exp(np.array([10, 250, 30]) / 255)
    best = Engine().classify(image, Question(model="warm", top=1)).predictions
    assert [item.label for item in best] == ["green"]
    assert best[0].probability == pytest.approx(exponentials[1] / exponentials.sum(), rel=1e-5)


def test_an_explanation(published: Card) -> None:
    pixels = np.zeros((300, 600, 3), np.uint8)
    pixels[:, 150:300, 1] = 255  # the left half of the centred square is green
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    answer = Engine().classify(buffer.getvalue(), Question(explain="grad_cam"))
    assert answer.predictions[0].label == "green"
    explanation = answer.explanation
    assert explanation is not None
    assert (explanation.method, explanation.layer, explanation.layers, explanation.target) == (
        "grad_cam",
        "colours",
        ("colours",),
        1,
    )
    picture, heat = pixels_of(explanation.image_png), pixels_of(explanation.heatmap_png)
    assert picture.shape == (300, 300, 3)
    assert heat.shape == (300, 300)
    assert heat.dtype == np.uint8
    assert heat[:, :100].min() > 200
    assert heat[:, 200:].max() < 20
    other = Engine().classify(buffer.getvalue(), Question(explain="grad_cam", target=2)).explanation
    assert other is not None
    assert pixels_of(other.heatmap_png).max() == 0  # nothing is blue


@pytest.mark.parametrize(("size", "side"), [((16, 12), 224), ((3000, 1000), 512)])
def test_the_picture_is_large_enough_to_see(
    published: Card, size: tuple[int, int], side: int
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, "JPEG")
    explanation = Engine().classify(buffer.getvalue(), Question(explain="grad_cam")).explanation
    assert explanation is not None
    assert pixels_of(explanation.image_png).shape == (side, side, 3)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"top": 0}, "top"),
        ({"top": 1001}, "top"),
        ({"target": -1}, "target"),
        ({"target": 3}, "target"),
        ({"explain": "tea_leaves"}, "explain"),
        ({"explain": "grad_cam", "layer": "nose"}, "layer"),
    ],
)
def test_the_error_names_the_field(
    published: Card, image: bytes, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        Engine().classify(image, Question(**options))


def test_no_image_no_model(home: Path, published: Card, image: bytes) -> None:
    with pytest.raises(UnsupportedMedia):
        Engine().classify(b"no image")
    with pytest.raises(NotFound, match="no model “x”"):
        Engine().classify(image, Question(model="x"))
    unpublish("digits")
    with pytest.raises(NotFound, match="no model yet"):
        Engine().classify(image)


def test_without_digits_the_first_model_answers(
    home: Path, model_folder: Path, image: bytes
) -> None:
    publish(model_folder, "b")
    publish(model_folder, "a")
    assert Engine().classify(image).model == "a"
    assert Engine().warm() == "a"


def test_a_diverged_model_says_so(
    published: Card, image: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine()
    engine.warm()
    loaded = next(iter(engine._models._held.values()))
    diverged = np.float32([[1, np.nan, 0]])
    monkeypatch.setattr(loaded._backend, "outputs", lambda batch: Outputs(diverged, diverged))
    with pytest.raises(InvalidInput, match="diverged") as caught:
        engine.classify(image)
    assert caught.value.code == "non_finite_output"


def test_a_card_with_the_wrong_classes_is_a_plain_error(
    home: Path, variant: Callable[..., Path], image: bytes
) -> None:
    publish(variant(classes=("only", "two")), "m")
    with pytest.raises(LightboxError, match="3 numbers for its 2 classes"):
        Engine().classify(image)


def test_a_model_published_again_is_picked_up(
    home: Path, published: Card, variant: Callable[..., Path], image: bytes
) -> None:
    engine = Engine()
    assert engine.classify(image).predictions[0].label == "green"
    new = publish(variant(classes=("rot", "grün", "blau")), "digits")
    answer = engine.classify(image)
    assert (answer.version, answer.predictions[0].label) == (new.version, "grün")


def test_where_the_card_in_use_is_lost_the_last_version_answers(
    home: Path, published: Card, image: bytes
) -> None:
    engine = Engine()
    engine.warm()
    (get_model("digits").folder / "card.json").write_bytes(b"{")
    assert engine.classify(image).version == published.version
    assert engine.classify(image, Question(model="digits")).version == published.version
    assert [fault.version for fault in engine.faults()] == [""]
    unpublish("digits")
    with pytest.raises(NotFound):
        engine.classify(image)


def test_first_requests_at_the_same_time_load_once(
    published: Card, image: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads, barrier = [], threading.Barrier(6)

    class Counted(LoadedModel):
        def __init__(self, *args: Any) -> None:
            loads.append(1)
            super().__init__(*args)

    monkeypatch.setattr(engine_module, "LoadedModel", Counted)
    engine = Engine()

    def classify(_: int) -> str:
        barrier.wait()
        return engine.classify(image).predictions[0].label

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(classify, range(6))) == {"green"}
    assert len(loads) == 1


def test_loaded_models_are_bounded_and_the_default_one_stays(
    home: Path, published: Card, model_folder: Path, image: bytes
) -> None:
    engine = Engine()
    engine.warm()
    for index in range(settings().max_models + 2):
        publish(model_folder, f"m{index}")
        engine.classify(image, Question(model=f"m{index}"))
    assert len(engine._models) == settings().max_models
    assert "digits" in engine._models
    assert "m0" not in engine._models


def test_what_waits_for_tensorflow_is_known_beforehand(
    home: Path, published: Card, variant: Callable[..., Path], image: bytes
) -> None:
    publish(variant(), "keras-only")
    engine = Engine()
    assert not engine.may_be_slow(Question(model="digits"))
    assert engine.may_be_slow(Question(model="digits", explain="grad_cam"))
    assert engine.may_be_slow(Question(model="keras-only"))
    engine.classify(image, Question(model="keras-only"))
    assert not engine.may_be_slow(Question(model="digits", explain="grad_cam"))
