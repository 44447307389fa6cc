"""SIGTERM to a real Lightbox: those inside get their answers, and then it ends (row 7)."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from websockets.sync.client import connect

from tests.contract import GOOD
from tests.server import HTTP, Lightbox
from tests.slow_upload import SlowUpload

RATE = 5
"""Requests a second."""


@pytest.fixture
def own_lightbox(tmp_path: Path) -> Iterator[Lightbox]:
    server = Lightbox(tmp_path / "home")
    server.start()
    server.wait_ready()
    yield server
    assert server.process is not None
    if server.process.poll() is None:
        server.stop(signal.SIGKILL)


class Visitors:
    """Send pictures at a steady rate, each over a connection of its own."""

    def __init__(self, url: str) -> None:
        self.told: list[str] = []
        self.too_late: list[str] = []
        """Of those who came after Lightbox was told to end: when the port closes, the kernel may
        have connected some whom Lightbox never meets."""
        self.ending = False
        self._url = url
        self._done = threading.Event()
        self._asking: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._come, daemon=True)
        self._thread.start()

    def _come(self) -> None:
        while not self._done.wait(1 / RATE):
            self._asking.append(threading.Thread(target=self._ask))
            self._asking[-1].start()

    def _ask(self) -> None:
        told = self.too_late if self.ending else self.told
        try:
            answer = httpx.post(f"{self._url}/api/v1/classify", files={"image": GOOD}, timeout=60)
        except httpx.ConnectError:
            told.append("refused")  # the port is closed
        except httpx.TransportError as error:
            told.append(f"dropped: {error!r}")
        else:
            code = answer.json()["error"]["code"] if answer.is_error else ""
            retry = answer.headers.get("retry-after", "never")
            told.append(f"{answer.status_code} {code} {retry}" if code else "answered")

    def end(self) -> None:
        self._done.set()
        self._thread.join()
        for thread in self._asking:
            thread.join()


def open_streams(lightbox: Lightbox) -> list[object]:
    """Open what a page and a widget keep open; return what holds them."""
    page = connect(f"ws://127.0.0.1:{lightbox.port}/_stcore/stream", origin=lightbox.url)  # type: ignore[arg-type]
    beating = socket.create_connection(("127.0.0.1", lightbox.port))
    beating.sendall(b"GET /classify/gradio_api/heartbeat/abc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert beating.recv(100).startswith(b"HTTP/1.1 200")
    return [page, beating]


def test_those_inside_are_answered_and_new_ones_refused(own_lightbox: Lightbox) -> None:
    assert own_lightbox.process is not None
    engine = psutil.Process(own_lightbox.engine_pid)
    streams = open_streams(own_lightbox)
    visitors = Visitors(own_lightbox.url)
    upload = SlowUpload(own_lightbox.port, GOOD)
    upload.send(0.5)
    while visitors.told.count("answered") < 3 * RATE:
        assert visitors.told.count("answered") == len(visitors.told), visitors.told
        time.sleep(0.1)

    visitors.ending = True
    own_lightbox.process.send_signal(signal.SIGTERM)
    while HTTP.get(f"{own_lightbox.url}/api/v1/readyz").status_code == 200:
        time.sleep(0.01)
    assert HTTP.get(f"{own_lightbox.url}/api/v1/healthz").status_code == 200
    while not any(told.startswith("503") for told in visitors.too_late):
        time.sleep(0.1)
    upload.send(1)
    assert upload.status == 200
    assert json.loads(upload.body)["predictions"][0]["label"] == "7"

    assert own_lightbox.process.wait(15) == 0
    visitors.end()
    assert set(visitors.told) <= {"answered", "503 stopping 2"}
    assert {"503 stopping 2", "refused"} <= set(visitors.too_late)
    assert not engine.is_running()
    del streams


def test_at_rest_it_ends_at_once_whatever_pages_are_open(own_lightbox: Lightbox) -> None:
    assert own_lightbox.process is not None
    streams = open_streams(own_lightbox)
    own_lightbox.process.send_signal(signal.SIGINT)
    assert own_lightbox.process.wait(10) == 0
    del streams
