"""The engine: load once → decode → predict → encode. HTTP knows nothing of it, nor it of HTTP."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
from PIL import Image

from dashboard.core.errors import InvalidInput, NotFound
from dashboard.core.explain.catalog import get_explainer
from dashboard.core.images import Note, encode_png, fit, for_eyes, n_pixels
from dashboard.core.images import decode as decode_image
from dashboard.core.models.card import Card
from dashboard.core.models.once import OnceCache
from dashboard.core.models.probabilities import best
from dashboard.core.models.store import DEFAULT_MODEL, StoredModel, get_model, list_models
from dashboard.core.serving.answers import Answer, Explanation, Prediction, RunAnswer
from dashboard.core.serving.augmented import Effect, EffectQuestion, Preview, PreviewQuestion
from dashboard.core.serving.backends import needs_tensorflow
from dashboard.core.serving.loaded import LoadedModel
from dashboard.core.serving.run_model import RunModel, finished_model
from dashboard.core.tasks import Task, spans

MAX_LOADED = 4
"""Models kept in memory: a visitor's walk through several must not fill it."""

MAX_TOP = 1000
RUN_TOP = 5

LARGE_PIXELS = 6_000_000
"""Pictures with more are decoded one after the other: the largest take 250 MB meanwhile."""

SHOWN_PIXELS = (224, 512)
"""Longer side of the picture of an explanation: large enough to see, small enough to send."""


class Engine:
    """Owns the loaded models and answers from any number of threads."""

    def __init__(self) -> None:
        self._models: OnceCache[LoadedModel] = OnceCache(MAX_LOADED)
        self._runs: OnceCache[RunModel] = OnceCache(1)
        self._one_large = threading.Lock()
        self._slow: OnceCache[bool] = OnceCache(64)
        self.has_tensorflow = False
        """Whether TensorFlow has been imported, so that what needs it is no longer slow."""

    def classify(
        self,
        content: bytes,
        *,
        model: str | None = None,
        top: int = 5,
        explain: str | None = None,
        target: int | None = None,
        layer: str | None = None,
    ) -> Answer:
        """Classify one image file and, if asked, explain the answer.

        Args:
            content: Bytes of the file, as uploaded.
            model: Name of a published model. Defaults to `digits`, or the first there is.
            top: How many classes to name of each task, at most 1000.
            explain: Id of an explainer. Defaults to no explanation.
            target: Index of the class to explain. Defaults to the most probable one of the first
                task.
            layer: The layer to look at. Defaults to the explainer's choice.

        Raises:
            NotFound: There is no such model.
            InvalidInput: A parameter out of range, or an image that cannot be used.
            LightboxError: Of the decoder, or a damaged model.
        """
        start = time.perf_counter()
        stored = find_model(model)
        _check(stored.card, top, target)
        if explain is not None:
            get_explainer(explain)
        loaded = self._load(stored)
        decoding = time.perf_counter()
        notes, batch, picture = self._read(content, loaded.card, shown=explain is not None)
        predicting = time.perf_counter()
        probabilities = loaded.probabilities(batch)
        predicted = time.perf_counter()
        explanation = None
        if explain is not None and picture is not None:
            likeliest = int(best(probabilities, loaded.card.tasks)[0, 0])
            chosen = likeliest if target is None else target
            explanation = _explain(loaded, explain, picture, batch, chosen, layer)
            self.has_tensorflow = True
        return Answer(
            request_id=secrets.token_hex(6),
            model=loaded.card.name,
            version=loaded.card.version,
            predictions=_predictions(probabilities[0], loaded.card.tasks, top),
            notes=notes,
            timing_ms={
                "decode": _milliseconds(predicting - decoding),
                "predict": _milliseconds(predicted - predicting),
                "total": _milliseconds(time.perf_counter() - start),
            },
            explanation=explanation,
        )

    def classify_in_run(self, content: bytes, run_id: str) -> RunAnswer:
        """Classify one image file with the network of a run, whether it has ended or not.

        Args:
            content: Bytes of the file, as uploaded.
            run_id: Which run.

        Raises:
            NotFound: There is no such run, or no epoch of it has ended yet.
            LightboxError: Of the decoder, or a damaged model.
        """
        stored = finished_model(run_id)
        loaded = self._load(stored) if stored else self._runs.get(run_id, lambda: RunModel(run_id))
        self.has_tensorflow = self.has_tensorflow or loaded.uses_tensorflow
        notes, batch, picture = self._read(content, loaded.card, shown=True)
        assert picture is not None
        if isinstance(loaded, RunModel):
            epoch, found = loaded.answer(batch)
        else:
            epoch, found = 0, loaded.probabilities(batch)
        predictions = _predictions(found[0], loaded.card.tasks, RUN_TOP)
        return RunAnswer(epoch, encode_png(picture), predictions, notes)

    def thumbnail(self, content: bytes, side: int) -> np.ndarray:
        """Decode one image file and fit it into a square: uint8 (side, side, 3)."""
        with self._room(content):
            return fit(decode_image(content).pixels, side, side, 3)

    def copy(self, content: bytes, most: int) -> bytes:
        """Return one image file anew as a PNG without metadata, its longer side at most `most`."""
        with self._room(content):
            return encode_png(for_eyes(decode_image(content).pixels, 0, most))

    def preview(self, question: PreviewQuestion) -> Preview:
        """Apply augmentations to images of a data set; see `augmenting.preview`."""
        from dashboard.core.serving.augmenting import preview  # SciPy delays the start

        answer = preview(question)
        self.has_tensorflow = True
        return answer

    def effect(self, question: EffectQuestion) -> Effect:
        """Measure what augmentations do to a model's answers; see `augmenting.effect`."""
        from dashboard.core.serving.augmenting import effect

        answer = effect(question, self._load(find_model(question.model)))
        self.has_tensorflow = True
        return answer

    def _read(
        self, content: bytes, card: Card, shown: bool
    ) -> tuple[tuple[Note, ...], np.ndarray, np.ndarray | None]:
        """Return the notes, the model's input, and the picture to show; the pixels are let go."""
        with self._room(content):
            decoded = decode_image(content)
            batch = _fit(decoded.pixels, card)
            return decoded.notes, batch, _picture(decoded.pixels, card) if shown else None

    def _room(self, content: bytes) -> AbstractContextManager[object]:
        return self._one_large if n_pixels(content) > LARGE_PIXELS else nullcontext()

    def warm(self) -> str | None:
        """Load the default model and run it once; return its name, or None if there is none."""
        try:
            stored = find_model(None)
        except NotFound:
            return None
        card = stored.card
        shape = (1, card.input.height, card.input.width, card.input.channels)
        self._load(stored).probabilities(np.zeros(shape, np.uint8))
        return card.name

    def may_be_slow(self, model: str | None, explain: str | None) -> bool:
        """Whether a request must first wait for the import of TensorFlow."""
        if self.has_tensorflow:
            return False
        if explain is not None:
            return True
        stored = find_model(model)
        # Finding out reads the whole file of the model, so it is done once per version.
        return self._slow.get(_key(stored), lambda: needs_tensorflow(stored))

    def _load(self, stored: StoredModel) -> LoadedModel:
        loaded = self._models.get(_key(stored), lambda: LoadedModel(stored))
        self.has_tensorflow = self.has_tensorflow or loaded.uses_tensorflow
        return loaded


def find_model(name: str | None) -> StoredModel:
    """Return the model of this name, or the default one; `NotFound` if there is none."""
    if name is not None:
        return get_model(name)
    try:
        return get_model(DEFAULT_MODEL)
    except NotFound:
        cards = list_models()
    if not cards:
        raise NotFound("There is no model yet. Train one and publish it.", code="model_not_found")
    return get_model(cards[0].name)


def _key(stored: StoredModel) -> tuple[Path, str]:
    # With the version, so that a model published again under its name is picked up.
    return stored.folder, stored.card.version


def _check(card: Card, top: int, target: int | None) -> None:
    if not 1 <= top <= MAX_TOP:
        raise _out_of_range("top", 1, MAX_TOP, top)
    if target is not None and not 0 <= target < len(card.classes):
        raise _out_of_range("target", 0, len(card.classes) - 1, target)


def _out_of_range(field: str, low: int, high: int, value: object) -> InvalidInput:
    return InvalidInput(
        "The field `{field}` must be a whole number from {low} to {high}; received “{value}”.",
        code="out_of_range",
        field=field,
        low=low,
        high=high,
        value=str(value)[:80],
    )


def _fit(pixels: np.ndarray, card: Card) -> np.ndarray:
    return fit(pixels, card.input.height, card.input.width, card.input.channels)[np.newaxis]


def _predictions(
    probabilities: np.ndarray, tasks: Sequence[Task], top: int
) -> tuple[Prediction, ...]:
    found = []
    for task, span in zip(tasks, spans(tasks), strict=True):
        own = probabilities[span]
        for place in np.argsort(-own, kind="stable")[:top].tolist():
            label, index = task.classes[place], span.start + place
            found.append(Prediction(label, index, float(own[place]), task.name))
    return tuple(found)


def _explain(
    loaded: LoadedModel,
    method: str,
    image: np.ndarray,
    batch: np.ndarray,
    target: int,
    layer: str | None,
) -> Explanation:
    explainer, model = get_explainer(method), loaded.explainable()
    layer = explainer.choose_layer(model, layer)
    heatmap = explainer.explain(model, batch, target, layer)[0]
    height, width = image.shape[:2]
    scaled = Image.fromarray(heatmap).resize((width, height), Image.Resampling.BILINEAR)
    grey = np.rint(np.clip(np.asarray(scaled), 0, 1) * 255).astype(np.uint8)
    return Explanation(
        method=method,
        layer=layer,
        layers=explainer.layers(model),
        target=target,
        image_png=encode_png(image),
        heatmap_png=encode_png(grey[..., np.newaxis]),
    )


def _picture(pixels: np.ndarray, card: Card) -> np.ndarray:
    """Crop as the network does, but from all the pixels there are: 32×32 shows nothing."""
    rows, columns = card.input.height, card.input.width
    crop = max(rows, columns) * min(pixels.shape[0] / rows, pixels.shape[1] / columns)
    longer = min(max(crop, SHOWN_PIXELS[0]), SHOWN_PIXELS[1])
    scale = longer / max(rows, columns)
    height, width = max(1, round(rows * scale)), max(1, round(columns * scale))
    return fit(pixels, height, width, card.input.channels)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
