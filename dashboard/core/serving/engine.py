"""The engine: load once → decode → predict → encode. HTTP knows nothing of it, nor it of HTTP."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import NamedTuple

import numpy as np
from PIL import Image

from dashboard.core.data.hashes import pixel_hash, short_hash
from dashboard.core.errors import LightboxError, NotFound
from dashboard.core.explain.catalog import get_explainer
from dashboard.core.images import Note, encode_png, fit, for_eyes, n_pixels
from dashboard.core.images import decode as decode_image
from dashboard.core.log import request_id
from dashboard.core.models.card import Card
from dashboard.core.models.once import OnceCache
from dashboard.core.models.probabilities import best
from dashboard.core.models.store import DEFAULT_MODEL, StoredModel, get_model, list_models
from dashboard.core.serving.answers import Answer, Explanation, Prediction, RunAnswer
from dashboard.core.serving.assurance import assure, doubts
from dashboard.core.serving.augmented import Effect, EffectQuestion, Preview, PreviewQuestion
from dashboard.core.serving.backends import needs_tensorflow
from dashboard.core.serving.company import company
from dashboard.core.serving.in_work import InWork
from dashboard.core.serving.loaded import LoadedModel
from dashboard.core.serving.question import Question
from dashboard.core.serving.run_model import RunModel, finished_model
from dashboard.core.serving.shelf import Fault, Shelf
from dashboard.core.settings import settings
from dashboard.core.tasks import Task, spans

DEADLINE_S = 10.0
SLOW_DEADLINE_S = 60.0
"""Where TensorFlow must be imported first: 5–12 s on a free machine, more on a busy one."""

RUN_TOP = 5
_PLAIN = Question()

LARGE_PIXELS = 6_000_000
"""Pictures with more are decoded one after the other: the largest take 250 MB meanwhile."""

SHOWN_PIXELS = (224, 512)
"""Longer side of the picture of an explanation: large enough to see, small enough to send."""


class _Read(NamedTuple):
    notes: tuple[Note, ...]
    batch: np.ndarray
    hash: int
    picture: np.ndarray | None
    thumb: np.ndarray | None


class Engine:
    """Owns the loaded models and answers from any number of threads.

    Args:
        in_work: Told of every picture. Defaults to nobody, where it is not the engine's process.
    """

    def __init__(self, in_work: InWork | None = None) -> None:
        limits = settings()
        self._in_work = in_work
        self._models = Shelf(
            _load_and_try, limits.max_models, limits.model_memory_mb * 2**20, _default_name
        )
        self._runs: OnceCache[RunModel] = OnceCache(1)
        self._one_large = threading.Lock()
        self._slow: OnceCache[bool] = OnceCache(64)
        self.has_tensorflow = False
        """Whether TensorFlow has been imported, so that what needs it is no longer slow."""

    def classify(self, content: bytes, question: Question = _PLAIN) -> Answer:
        """Classify one image file and, if asked, explain the answer.

        Args:
            content: Bytes of the file, as uploaded.
            question: How.

        Raises:
            NotFound: There is no such model.
            InvalidInput: A parameter out of range, or an image that cannot be used.
            LightboxError: Of the decoder, or a damaged model.
        """
        start = time.perf_counter()
        loaded = self._published(question.model)
        question.check(loaded.card)
        decoding = time.perf_counter()
        with self._working(content):
            read = self._read(content, loaded, question.explain is not None, question.thumb)
            batch, picture = read.batch, read.picture
            predicting = time.perf_counter()
            probabilities, features = loaded.look(batch)
            predicted = time.perf_counter()
        assurance = assure(
            loaded.card,
            loaded.reference,
            probabilities[0],
            features[0],
            read.hash,
            question.error,
            question.evidence,
        )
        explanation = None
        if question.explain is not None and picture is not None:
            likeliest = int(best(probabilities, loaded.card.tasks)[0, 0])
            target = likeliest if question.target is None else question.target
            loaded.explainable()  # not the picture's fault where this takes long
            self.has_tensorflow = True
            with self._working(content, SLOW_DEADLINE_S):
                explanation = _explain(
                    loaded, question.explain, picture, batch, target, question.layer
                )
        return Answer(
            request_id=request_id.get() or secrets.token_hex(8),
            model=loaded.card.name,
            version=loaded.card.version,
            predictions=_predictions(probabilities[0], loaded.card.tasks, question.top),
            notes=(*read.notes, *loaded.notes, *doubts(loaded.card, assurance, batch)),
            timing_ms={
                "decode": _milliseconds(predicting - decoding),
                "predict": _milliseconds(predicted - predicting),
                "total": _milliseconds(time.perf_counter() - start),
            },
            explanation=explanation,
            assurance=assurance,
            thumb_png=None if read.thumb is None else encode_png(read.thumb),
            several=loaded.card.tasks[0].several,
        )

    def check(self, question: Question) -> None:
        """Raise what `classify` raises for a wrong question, before there is an image."""
        question.check(find_model(question.model).card)

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
        if stored:
            loaded = self._models.get(("run", run_id), stored)
        else:
            loaded = self._runs.get(run_id, lambda: RunModel(run_id))
        self.has_tensorflow = self.has_tensorflow or loaded.uses_tensorflow
        with self._working(content, SLOW_DEADLINE_S):
            read = self._read(content, loaded, shown=True)
            assert read.picture is not None
            if isinstance(loaded, RunModel):
                epoch, found = loaded.answer(read.batch)
            else:
                epoch, found = 0, loaded.probabilities(read.batch)
        predictions = _predictions(found[0], loaded.card.tasks, RUN_TOP)
        return RunAnswer(epoch, encode_png(read.picture), predictions, read.notes)

    def thumbnail(self, content: bytes, side: int) -> np.ndarray:
        """Decode one image file and fit it into a square: uint8 (side, side, 3)."""
        with self._working(content), self._room(content):
            return fit(decode_image(content).pixels, side, side, 3)

    def copy(self, content: bytes, most: int) -> bytes:
        """Return one image file anew as a PNG without metadata, its longer side at most `most`."""
        with self._working(content), self._room(content):
            return encode_png(for_eyes(decode_image(content).pixels, 0, most))

    def preview(self, question: PreviewQuestion) -> Preview:
        """Apply augmentations to images of a data set; see `augmenting.preview`."""
        from dashboard.core.serving.augmenting import preview  # SciPy delays the start

        with self._working(None, 2 * SLOW_DEADLINE_S):
            answer = preview(question)
        self.has_tensorflow = True
        return answer

    def effect(self, question: EffectQuestion) -> Effect:
        """Measure what augmentations do to a model's answers; see `augmenting.effect`."""
        from dashboard.core.serving.augmenting import effect

        loaded = self._published(question.model)
        with self._working(None, 2 * SLOW_DEADLINE_S):
            answer = effect(question, loaded)
        self.has_tensorflow = True
        return answer

    def _read(self, content: bytes, loaded: LoadedModel, shown: bool, thumb_side: int = 0) -> _Read:
        """Decode a picture for a model; the pixels are let go."""
        card = loaded.card
        with self._room(content):
            decoded = decode_image(content)
            return _Read(
                decoded.notes,
                _fit(decoded.pixels, card),
                short_hash(pixel_hash(decoded.pixels)) if loaded.reference else 0,
                _picture(decoded.pixels, card) if shown else None,
                fit(decoded.pixels, thumb_side, thumb_side, 3) if thumb_side else None,
            )

    @contextmanager
    def _working(self, content: bytes | None, most_s: float = DEADLINE_S) -> Iterator[None]:
        noted = self._in_work.working(content, most_s) if self._in_work else nullcontext()
        with noted, company.joined():
            yield

    def _room(self, content: bytes) -> AbstractContextManager[object]:
        return self._one_large if n_pixels(content) > LARGE_PIXELS else nullcontext()

    def warm(self) -> str | None:
        """Load the default model and run it once; return its name, or None if there is none."""
        try:
            return self._published(None).card.name
        except NotFound:
            return None

    def sizes(self) -> dict[str, int]:
        """Return the models in memory with the bytes of their weights."""
        return self._models.sizes()

    def faults(self) -> list[Fault]:
        """Return the published versions that cannot be loaded; older ones may answer for them."""
        return self._models.faults()

    def may_be_slow(self, question: Question) -> bool:
        """Whether the answer must first wait for the import of TensorFlow."""
        if self.has_tensorflow:
            return False
        if question.explain is not None:
            return True
        if (question.model or _default_name()) in self._models:
            return False
        stored = find_model(question.model)
        # Finding out reads the whole file of the model, so it is done once per version.
        key = stored.folder, stored.card.version
        return self._slow.get(key, lambda: needs_tensorflow(stored))

    def _published(self, name: str | None) -> LoadedModel:
        try:
            stored = find_model(name)
        except NotFound:
            raise
        except LightboxError as error:  # its card is damaged
            return self._models.last(name or DEFAULT_MODEL, error)
        loaded = self._models.get(stored.card.name, stored)
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


def _default_name() -> str | None:
    try:
        return find_model(None).card.name
    except LightboxError:
        return DEFAULT_MODEL


def _load_and_try(stored: StoredModel) -> LoadedModel:
    loaded, spec = LoadedModel(stored), stored.card.input
    loaded.probabilities(np.zeros((1, spec.height, spec.width, spec.channels), np.uint8))
    return loaded


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
