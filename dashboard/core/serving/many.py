"""Many pictures, one after the other, by one model or by several side by side.

A batch goes through the same engine as a visitor with a single picture, so it takes a share of the
engine's queue and never all of it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

from dashboard.core.data.copies import File
from dashboard.core.data.report import Dropped
from dashboard.core.errors import (
    DeadlineExceeded,
    InvalidInput,
    LightboxError,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)
from dashboard.core.images import decode, encode_jpeg
from dashboard.core.models.card import Card
from dashboard.core.serving.answers import Answer
from dashboard.core.serving.question import Question

MAX_MODELS = 4
"""As many as the engine keeps in memory (`engine.MAX_LOADED`)."""

PARALLEL = 2
"""Pictures of a batch in the engine at the same time: as many as it works on."""

THUMB_SIDE = 64
"""Sides of the small square that is kept of each picture, in pixels."""

PATIENCE_S = 30.0
"""How long a busy or restarting engine is waited for."""

_PAUSE_S = 0.25
_PLACES = threading.Semaphore(8)
"""Half of the engine's queue (`lane.MAX_QUEUED`), for the batches of all visitors together."""

_FAULTS = (InvalidInput, UnsupportedMedia, TooLarge, DeadlineExceeded)

Result = TypeVar("Result")


_ONE = Question(top=1, thumb=THUMB_SIDE)


class Classifier(Protocol):
    """The engine, here or in its own process."""

    def classify(self, content: bytes, question: Question) -> Answer: ...


@dataclass(frozen=True)
class Row:
    """One picture and what was made of it.

    Attributes:
        path: Its name, or its path inside an archive; data, never a path of ours.
        answers: Of each model, in their order; none where the picture is unusable.
        thumb: The picture as a small square JPEG; empty where it is unusable or none was asked
            for.
        unusable: Why there is no answer.
    """

    path: str
    answers: tuple[Answer, ...] = ()
    thumb: bytes = b""
    unusable: Dropped | None = None


def classify_many(
    client: Classifier,
    files: Iterable[File],
    models: Sequence[Card],
    question: Question = _ONE,
) -> Iterator[Row]:
    """Classify `files` in their order; a picture that cannot be used is a row with its reason.

    Closing the iterator ends the work. A file is read when its turn comes, so that only a few are
    in memory.

    Args:
        client: The engine, or the way to it.
        files: From `read_picture`.
        models: Published models, 1 to `MAX_MODELS`.
        question: What to ask each of them; more classes are named where an image may have
            several. Small squares come from the first.

    Raises:
        Unavailable: The engine was busy or away for `PATIENCE_S` seconds.
        LightboxError: A model is gone or damaged.
    """
    first, *others = (_asked(question, card) for card in models)
    asked = [first, *(replace(other, thumb=0) for other in others)]
    pool = ThreadPoolExecutor(PARALLEL, "batch")
    waiting: deque[Future[Row]] = deque()
    try:
        for file in files:
            waiting.append(pool.submit(_row, client, file, asked))
            if len(waiting) > PARALLEL:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _row(client: Classifier, file: File, asked: Sequence[Question]) -> Row:
    if isinstance(file, Dropped):
        return Row(file.file, unusable=file)
    path, content = file
    try:
        first, *others = (_patiently(partial(client.classify, content, each)) for each in asked)
    except LightboxError as error:
        if not isinstance(error, _FAULTS) and error.code != "out_of_memory":
            raise
        return Row(path, unusable=Dropped.because(path, error))
    # As a JPEG a fifth as large: those of a whole batch are in memory, and go to the browser.
    thumb = encode_jpeg(decode(first.thumb_png).pixels, 80) if first.thumb_png else b""
    return Row(path, (replace(first, thumb_png=None), *others), thumb)


def _asked(question: Question, card: Card) -> Question:
    """Return what to ask the model of `card`: all classes where an image may have several."""
    several = any(task.several for task in card.tasks)
    top = max(question.top, len(card.classes)) if several else question.top
    return replace(question, model=card.name, top=top)


def _patiently(ask: Callable[[], Result]) -> Result:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            with _PLACES:
                return ask()
        except Unavailable as error:
            if time.monotonic() > end or error.code == "out_of_memory":
                raise
        time.sleep(_PAUSE_S)
