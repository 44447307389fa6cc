"""Pictures that crash or hang the decoder of a real engine (BAD_INPUT.md §2, rows 21 and 22)."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from dashboard.core.errors import DeadlineExceeded, InvalidInput, LightboxError, Unavailable
from dashboard.core.models.card import Card
from dashboard.core.serving.client import EngineClient
from dashboard.core.serving.process import EngineProcess
from dashboard.core.settings import settings
from tests.waiting import wait_for

pytestmark = pytest.mark.filterwarnings(
    r"ignore:unclosed <socket.socket fd=\d+, family=1:ResourceWarning"
)


@pytest.fixture
def engine(
    published: Card, client: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EngineProcess]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "faulty"))
    process = EngineProcess()
    process.start()
    wait_for(client.ready)
    yield process
    process.stop()


def picture(fault: str) -> bytes:
    """A blue picture that has this effect on the decoder."""
    comment, buffer = PngInfo(), io.BytesIO()
    comment.add_text("fault", fault)
    Image.fromarray(np.full((9, 9, 3), (0, 0, 255), np.uint8)).save(buffer, "PNG", pnginfo=comment)
    return buffer.getvalue()


def told(client: EngineClient, content: bytes) -> str:
    try:
        return client.classify(content).predictions[0].label
    except LightboxError as error:
        return error.code


def send_again(client: EngineClient, content: bytes, times: int) -> list[str]:
    """Send a picture again and again, each time to an engine that is ready."""
    found = []
    for _ in range(times):
        wait_for(client.ready)
        found.append(told(client, content))
    return found


def log() -> str:
    return (settings().home / "engine.log").read_text()


def test_a_picture_that_crashes_the_engine_does_so_twice_and_then_never_again(
    engine: EngineProcess, client: EngineClient, image: bytes
) -> None:
    found, engines = [], {engine.pid}
    for _ in range(5):
        found += send_again(client, picture("crashes"), 1)
        wait_for(client.ready)
        engines.add(engine.pid)
    assert found == ["engine_restarting"] * 2 + ["quarantined"] * 3
    assert len(engines) == 3
    with pytest.raises(InvalidInput, match="another format"):
        client.thumbnail(picture("crashes"), 8)
    assert told(client, image) == "green"

    engine.stop()
    again = EngineProcess()
    again.start()
    try:
        assert send_again(client, picture("crashes"), 1) == ["quarantined"]
    finally:
        again.stop()


def test_those_who_were_in_work_with_it_are_answered_when_they_ask_again(
    engine: EngineProcess, client: EngineClient, image: bytes
) -> None:
    others: set[str] = set()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            others.add(told(client, image))

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    try:
        found: list[str] = []
        while "quarantined" not in found:
            assert len(found) < 20
            found += send_again(client, picture("crashes"), 1)
    finally:
        done.set()
        for thread in asking:
            thread.join()
    assert others <= {"green", "engine_restarting", "engine_busy"}
    assert send_again(client, image, 3) == ["green"] * 3


def test_a_picture_that_hangs_costs_its_sender_the_deadline_and_the_engine_is_replaced(
    engine: EngineProcess, client: EngineClient, image: bytes
) -> None:
    first = engine.pid
    with pytest.raises(DeadlineExceeded, match="within 10 seconds"):
        client.classify(picture("hangs"))
    assert engine.pid == first
    with pytest.raises(Unavailable, match="busy"):  # it would take the other thread as well
        client.classify(picture("hangs"))
    assert told(client, image) == "green"
    wait_for(lambda: engine.pid not in (first, None), 60)
    wait_for(client.ready)
    assert told(client, image) == "green"
    assert "sitecustomize.py" in log()  # where it hung


def test_an_engine_that_hangs_as_a_whole_is_replaced(
    engine: EngineProcess, client: EngineClient, image: bytes
) -> None:
    first, began = engine.pid, time.monotonic()
    with pytest.raises(Unavailable, match="restarting"):
        client.classify(picture("hangs with Python's lock"))
    assert time.monotonic() - began < 60
    wait_for(lambda: engine.pid not in (first, None), 60)
    wait_for(client.ready)
    assert told(client, image) == "green"
