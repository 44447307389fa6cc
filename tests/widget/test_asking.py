"""Answers to examples are kept, those to visitors' pictures are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.core.models.once import OnceCache
from dashboard.core.models.store import get_model
from dashboard.core.serving.question import Question
from dashboard.widget import asking
from dashboard.widget.asking import MAX_KEPT, ask
from dashboard.widget.examples import example_paths
from tests import corpus
from tests.fake_engine import ANSWER, FakeEngine

SEVEN = example_paths("digits")[3].read_bytes()
VISITORS = corpus.saved(corpus.noise(20, 20))
DIGITS = Question(model="digits", thumb=96)


@pytest.fixture
def engine(home: object, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    fake.answer = replace(ANSWER, version=get_model("digits").card.version)
    monkeypatch.setattr(asking, "engine", lambda: fake)
    monkeypatch.setattr(asking, "_KEPT", OnceCache(MAX_KEPT))
    return fake


def test_an_example_is_computed_once_for_each_question(engine: FakeEngine) -> None:
    assert ask(SEVEN, DIGITS) is ask(SEVEN, DIGITS)
    assert len(engine.calls) == 1
    ask(SEVEN, replace(DIGITS, explain="grad_cam"))
    ask(SEVEN, replace(DIGITS, error=0.01))
    assert len(engine.calls) == 3


def test_the_picture_of_a_visitor_is_asked_anew(engine: FakeEngine) -> None:
    ask(VISITORS, DIGITS)
    ask(VISITORS, DIGITS)
    ask(SEVEN, Question())  # which model that is may change
    ask(SEVEN, Question())
    assert len(engine.calls) == 4
    assert asking._KEPT._entries == {}


def test_a_new_version_is_asked_anew(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(SEVEN, DIGITS)
    stored = get_model("digits")
    newer = replace(stored, card=stored.card.model_copy(update={"version": "newer"}))
    monkeypatch.setattr(asking, "get_model", lambda name: newer)
    assert ask(SEVEN, DIGITS).version == stored.card.version  # the engine has not loaded it yet
    engine.answer = replace(ANSWER, version="newer")
    assert ask(SEVEN, DIGITS).version == "newer"
    ask(SEVEN, DIGITS)
    assert len(engine.calls) == 3


def test_what_is_kept_is_bounded(engine: FakeEngine) -> None:
    for number in range(MAX_KEPT + 5):
        ask(SEVEN, replace(DIGITS, error=1 / (number + 2)))
    assert len(asking._KEPT._entries) == MAX_KEPT
