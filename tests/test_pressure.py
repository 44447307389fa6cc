"""A real Lightbox whose engine dies, whose visitors hang up, and that runs short (BAD_INPUT.md §2).

Rows 2, 13, 19 and 25.
"""

from __future__ import annotations

import io
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from tests.contract import GOOD
from tests.server import Lightbox
from tests.slow_upload import SlowUpload
from tests.waiting import wait_for
from tests.widget.client import ask, image, upload

LARGE = (4990, 4990)
"""24.9 megapixels, which is allowed."""

FEW_FILES = 128


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def started(home: Path, most_files: int | None = None) -> Lightbox:
    server = Lightbox(home, most_files=most_files)
    server.start()
    server.wait_ready(120)
    return server


def stopped(server: Lightbox) -> None:
    server.stop(signal.SIGTERM)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lightbox]:
    """A Lightbox that may be hurt."""
    server = started(tmp_path_factory.mktemp("own") / "home")
    yield server
    stopped(server)


def post(server: Lightbox, content: bytes) -> httpx.Response:
    url = f"{server.url}/api/v1/classify"
    return httpx.post(url, files={"image": content}, timeout=60)


def check_alive(server: Lightbox) -> None:
    answer = post(server, GOOD)
    assert answer.json()["predictions"][0]["label"] == "7", answer.text
    assert server.temporary_files() == []


def memory_mb(server: Lightbox) -> float:
    return float(psutil.Process(server.engine_pid).memory_info().rss / 2**20)


def test_many_of_the_largest_pictures_at_once(own: Lightbox) -> None:
    content = png(np.full(LARGE, 200, np.uint8))
    assert post(own, content).status_code == 200  # what one of them leaves is not counted
    engine, before = own.engine_pid, memory_mb(own)
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: post(own, content), range(30)))
    assert {answer.status_code for answer in answers} <= {200, 413, 503}
    print(Counter(answer.status_code for answer in answers))
    for answer in answers:
        assert answer.status_code != 503 or answer.headers["retry-after"] == "2"
    check_alive(own)
    assert own.engine_pid == engine
    wait_for(lambda: memory_mb(own) < before + 50)


def hang_up_connected(server: Lightbox, content: bytes) -> None:
    socket.create_connection(("127.0.0.1", server.port)).close()


def hang_up_after_the_head(server: Lightbox, content: bytes) -> None:
    hang_up(server, content, 0)


def hang_up_in_the_picture(server: Lightbox, content: bytes) -> None:
    hang_up(server, content, 0.7)


def hang_up_before_the_answer(server: Lightbox, content: bytes) -> None:
    hang_up(server, content, 1)


def hang_up_in_the_answer(server: Lightbox, content: bytes) -> None:
    visitor = SlowUpload(server.port, content)
    visitor.send(1)
    assert visitor.socket.recv(10)
    visitor.close()


def hang_up(server: Lightbox, content: bytes, share: float) -> None:
    visitor = SlowUpload(server.port, content)
    visitor.send(share)
    visitor.close()


POINTS = (
    hang_up_connected,
    hang_up_after_the_head,
    hang_up_in_the_picture,
    hang_up_before_the_answer,
    hang_up_in_the_answer,
)


def held(server: Lightbox) -> Counter[str]:
    """How much the two processes hold."""
    assert server.process is not None
    found: Counter[str] = Counter()
    for pid in (server.process.pid, server.engine_pid):
        process = psutil.Process(pid)
        found["files"] += process.num_fds()
        found["threads"] += process.num_threads()
    found["temporary"] = len(server.temporary_files())
    return found


def test_visitors_who_hang_up_leave_nothing(own: Lightbox) -> None:
    # Large enough that the web process puts it into a temporary file.
    content = png(np.random.default_rng(0).integers(0, 256, (640, 640, 3), np.uint8))
    assert len(content) > 2**20
    engine = own.engine_pid

    def go(leave: Callable[[Lightbox, bytes], None], times: int) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: leave(own, content), range(times)))

    for leave in POINTS:  # threads that are made when they are first needed
        go(leave, 20)
    check_alive(own)
    time.sleep(6)  # until kept-alive connections are closed
    before = held(own)
    for leave in POINTS:
        go(leave, 100)
    wait_for(lambda: all(held(own)[kind] <= before[kind] + 8 for kind in before))
    assert own.engine_pid == engine
    check_alive(own)


def test_the_widget_and_the_api_say_that_the_engine_restarts_and_it_does(own: Lightbox) -> None:
    sent = upload(own, "7.png", GOOD).json()[0]
    for _ in range(5):  # young ones: so that the pause is long enough to be seen
        wait_for(own.engines)
        (engine,) = own.engines()
        engine.kill()
        engine.wait(10)
    killed = time.monotonic()
    answer = post(own, GOOD)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "engine_restarting")
    assert answer.headers["retry-after"] == "2"
    told = ask(own, image(sent), "digits", False)
    assert told.error == "The classifier is restarting. Try again in a few seconds."
    wait_for(lambda: post(own, GOOD).status_code == 200)
    print(f"back after {time.monotonic() - killed:.1f} s")
    check_alive(own)


@pytest.fixture
def confined(tmp_path: Path) -> Iterator[Lightbox]:
    """A Lightbox that may open few files."""
    server = started(tmp_path / "home", FEW_FILES)
    yield server
    stopped(server)


def test_with_few_files_it_refuses_and_recovers(confined: Lightbox) -> None:
    assert confined.process is not None
    web, engine = psutil.Process(confined.process.pid), confined.engine_pid
    for process in (web, psutil.Process(engine)):
        assert process.rlimit(psutil.RLIMIT_NOFILE)[0] == FEW_FILES
    check_alive(confined)
    address = ("127.0.0.1", confined.port)
    idle = [socket.create_connection(address) for _ in range(FEW_FILES + 20)]
    try:
        time.sleep(3)  # until those who were told are gone
        answer = post(confined, GOOD)
        assert answer.status_code == 503, answer.text
        assert answer.headers["retry-after"] == "2"
        error = answer.json()["error"]
        assert error["code"] == "too_many_connections"
        assert error["request_id"] == answer.headers["x-request-id"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        page = httpx.get(confined.url, headers={"accept-language": "zh"})
        assert (page.status_code, page.text) == (503, "当前打开的连接过多，请几秒后再试。")
        assert web.num_fds() < FEW_FILES
    finally:
        for connection in idle:
            connection.close()
    wait_for(lambda: post(confined, GOOD).status_code == 200)
    check_alive(confined)
    assert confined.engine_pid == engine
