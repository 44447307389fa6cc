"""A batch through the real engine process."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from dashboard.core.data.copies import File
from dashboard.core.data.report import Dropped
from dashboard.core.errors import NotFound, Unavailable
from dashboard.core.images import decode
from dashboard.core.models.card import Card
from dashboard.core.models.store import publish, unpublish
from dashboard.core.serving import many
from dashboard.core.serving.answers import Answer, Prediction
from dashboard.core.serving.client import EngineClient
from dashboard.core.serving.many import THUMB_SIDE, Row, classify_many
from dashboard.core.serving.process import EngineProcess
from dashboard.core.serving.question import Question
from tests.core.serving.conftest import png

pytestmark = pytest.mark.filterwarnings(
    r"ignore:unclosed <socket.socket fd=\d+, family=1:ResourceWarning"
)  # httpcore drops the socket of a refused connection instead of closing it

COLOURS = {"red": (250, 10, 30), "green": (10, 250, 30), "blue": (10, 30, 250)}


@pytest.fixture
def engine(published: Card, client: EngineClient) -> Iterator[EngineProcess]:
    process = EngineProcess()
    process.start()
    yield process
    process.stop()


def plain(colour: str) -> bytes:
    return png(np.full((20, 40, 3), COLOURS[colour], np.uint8))


def labels(rows: list[Row]) -> list[str]:
    return [row.answers[0].predictions[0].label if row.answers else "" for row in rows]


@pytest.mark.usefixtures("engine")
def test_broken_pictures_are_rows_between_the_others(client: EngineClient, published: Card) -> None:
    left_out = Dropped("inner.zip", "nested_archive", "…", {})
    files: list[File] = [
        ("a.png", plain("blue")),
        ("b.png", plain("red")[:60]),
        left_out,
        ("c.txt", b"hello"),
        ("=d.png", plain("green")),
    ]
    rows = list(classify_many(client, files, [published]))
    assert [row.path for row in rows] == ["a.png", "b.png", "inner.zip", "c.txt", "=d.png"]
    assert labels(rows) == ["blue", "", "", "", "green"]
    codes = [row.unusable.code if row.unusable else "" for row in rows]
    assert codes == ["", "truncated", "nested_archive", "not_an_image", ""]
    thumb = decode(rows[0].thumb).pixels
    assert thumb.shape == (THUMB_SIDE, THUMB_SIDE, 3)
    assert abs(thumb.mean((0, 1)) - COLOURS["blue"]).max() < 12
    assert not rows[1].thumb
    assert rows[0].answers[0].thumb_png is None


@pytest.mark.usefixtures("engine")
def test_models_answer_side_by_side(
    client: EngineClient, published: Card, variant: Callable[..., Path]
) -> None:
    other = publish(variant(classes=("rot", "grün", "blau")), "german")
    (row,) = classify_many(client, [("a", plain("green"))], [published, other])
    given = [(answer.model, answer.predictions[0].label) for answer in row.answers]
    assert given == [("digits", "green"), ("german", "grün")]


@pytest.mark.usefixtures("engine")
def test_of_a_model_with_several_labels_all_are_named(
    client: EngineClient, variant: Callable[..., Path]
) -> None:
    card = publish(variant(task="multi_label"), "several")
    (row,) = classify_many(client, [("a", plain("green"))], [card])
    assert len(row.answers[0].predictions) == 3


@pytest.mark.usefixtures("engine")
def test_a_model_that_is_gone_ends_the_batch(client: EngineClient, model_folder: Path) -> None:
    gone = publish(model_folder, "gone")
    unpublish("gone")
    with pytest.raises(NotFound):
        list(classify_many(client, [("a", plain("red"))] * 3, [gone]))


def test_an_engine_that_dies_meanwhile_is_waited_for(
    engine: EngineProcess, client: EngineClient, published: Card
) -> None:
    rows = classify_many(client, [(str(n), plain("red")) for n in range(40)], [published])
    found = [next(rows) for _ in range(5)]
    assert engine.pid
    os.kill(engine.pid, signal.SIGKILL)
    found += rows
    assert labels(found) == ["red"] * 40


class Counting:
    """Stands for an engine whose queue is full at times, and counts what it is asked at once."""

    def __init__(self, busy: int = 0) -> None:
        self.busy, self.most, self._inside = busy, 0, 0
        self.questions: list[Question] = []
        self._lock = threading.Lock()

    def classify(self, content: bytes, question: Question) -> Answer:
        with self._lock:
            self.questions.append(question)
            if self.busy:
                self.busy -= 1
                raise Unavailable("busy", code="queue_full")
            self._inside += 1
            self.most = max(self.most, self._inside)
        time.sleep(0.01)
        with self._lock:
            self._inside -= 1
        return Answer("", "m", "v", (Prediction("a", 0, 1.0),), (), {})


def ask(engine: Counting, published: Card, n: int) -> Iterator[Row]:
    files = [(str(number), b"") for number in range(n)]
    return classify_many(engine, files, [published])


def test_two_at_a_time(published: Card) -> None:
    engine = Counting()
    assert len(list(ask(engine, published, 20))) == 20
    assert engine.most == 2


def test_all_batches_together_leave_room_in_the_queue(
    published: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "_PLACES", threading.Semaphore(3))
    engine = Counting()
    threads = [threading.Thread(target=lambda: list(ask(engine, published, 10))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(engine.questions) == 40
    assert engine.most == 3


def test_a_full_queue_is_waited_for_but_not_for_ever(
    published: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert labels(list(ask(Counting(busy=3), published, 4))) == ["a"] * 4
    monkeypatch.setattr(many, "PATIENCE_S", 0.3)
    with pytest.raises(Unavailable, match="busy"):
        list(ask(Counting(busy=10**6), published, 4))


def test_the_small_square_comes_with_the_first_answer(published: Card) -> None:
    engine = Counting()
    other = published.model_copy(update={"name": "other"})
    list(classify_many(engine, [("a", b"")], [published, other]))
    assert [(each.model, each.thumb) for each in engine.questions] == [
        ("digits", THUMB_SIDE), ("other", 0),
    ]  # fmt: skip


def test_nothing_is_asked_any_more_once_nobody_listens(published: Card) -> None:
    engine = Counting()
    rows = ask(engine, published, 100)
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    assert len(engine.questions) <= 4
