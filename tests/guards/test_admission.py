"""Full is said before the picture is read: real sockets, and an engine that waits."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from dashboard.api.app import create_api
from dashboard.core.serving.client import engine
from dashboard.core.serving.server import create_app
from dashboard.guards.admission import Admission
from tests.engine_pair import pair, wait_for
from tests.fake_engine import FakeEngine

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of sockets closed on purpose

PLACES = 3


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def port(home: Path, fake: FakeEngine) -> Iterator[int]:
    app = Admission(Starlette(routes=[Mount("/api", create_api())]), PLACES)
    with pair(create_app(fake), app) as found:  # type: ignore[arg-type]
        yield found
        fake.release.set()


def begin(port: int, share: float, **data: str) -> socket.socket:
    """Send the head of a request and a share of its body."""
    url = f"http://127.0.0.1:{port}/api/v1/classify"
    request = httpx.Request("POST", url, files={"image": b"x" * 1000}, data=data)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    body = request.read()
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(f"POST /api/v1/classify HTTP/1.1\r\n{head}\r\n".encode())
    connection.sendall(body[: int(share * len(body))])
    return connection


def answer(connection: socket.socket) -> str:
    with connection:
        return connection.recv(10_000).decode()


def test_when_full_a_request_is_refused_before_its_body(port: int, fake: FakeEngine) -> None:
    fake.release.clear()
    held = [begin(port, 1) for _ in range(PLACES)]
    wait_for(lambda: len(fake.calls) >= 2)  # as many as the engine has threads
    wait_for(lambda: engine().figures().held["quick"] == PLACES)  # type: ignore[union-attr]
    refused = answer(begin(port, 0)).lower()
    assert refused.startswith("http/1.1 503")
    assert "retry-after: 2" in refused
    assert "queue_full" in refused
    assert refused.count("x-request-id") == 1
    fake.release.set()
    assert all(answer(connection).startswith("HTTP/1.1 200") for connection in held)
    assert answer(begin(port, 1)).startswith("HTTP/1.1 200")


def test_who_sends_slowly_keeps_nobody_out(port: int) -> None:
    slow = [begin(port, 0.5) for _ in range(3 * PLACES)]
    assert answer(begin(port, 1)).startswith("HTTP/1.1 200")
    for connection in slow:
        connection.close()


def test_those_who_wait_for_an_explanation_keep_nobody_out(port: int, fake: FakeEngine) -> None:
    fake.release.clear()
    explained = [begin(port, 1, explain="grad_cam") for _ in range(PLACES)]
    wait_for(lambda: engine().figures().held["slow"] == PLACES)  # type: ignore[union-attr]
    plain = begin(port, 1)
    wait_for(lambda: engine().figures().held["quick"] == 1)  # type: ignore[union-attr]
    fake.release.set()
    assert all(answer(each).startswith("HTTP/1.1 200") for each in (plain, *explained))


def test_who_hangs_up_gives_his_place_back(port: int, fake: FakeEngine) -> None:
    fake.release.clear()
    held = [begin(port, 1) for _ in range(PLACES)]
    wait_for(lambda: engine().figures().held["quick"] == PLACES)  # type: ignore[union-attr]
    for connection in held:
        connection.close()
    fake.release.set()
    wait_for(lambda: answer(begin(port, 1)).startswith("HTTP/1.1 200"))
