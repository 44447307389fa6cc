"""What the widget asks the engine, and the answers to its examples, which it keeps.

Answers to visitors' pictures are never kept.
"""

from __future__ import annotations

import hashlib

from dashboard.core.models.once import OnceCache
from dashboard.core.models.store import get_model
from dashboard.core.serving.answers import Answer
from dashboard.core.serving.client import engine
from dashboard.core.serving.question import Question
from dashboard.widget.examples import example_hashes

MAX_KEPT = 64
"""Answers to examples: with a heat map one takes up to half a megabyte."""

_KEPT: OnceCache[Answer] = OnceCache(MAX_KEPT)


class _OlderVersionError(Exception):
    """The engine answered with a version that is about to be replaced."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def ask(content: bytes, question: Question) -> Answer:
    """Return the engine's answer; to an example, of each version of a model only once.

    Raises:
        LightboxError: As `EngineClient.classify`.
    """
    digest = hashlib.sha256(content).hexdigest()
    if question.model is None or digest not in example_hashes():
        return engine().classify(content, question)
    version = get_model(question.model).card.version

    def make() -> Answer:
        answer = engine().classify(content, question)
        if answer.version != version:
            raise _OlderVersionError(answer)
        return answer

    try:
        return _KEPT.get((digest, question, version), make)
    except _OlderVersionError as older:  # true, but not to be kept as the new one's
        return older.answer
