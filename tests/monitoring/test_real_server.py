"""What a real Lightbox tells of itself, to whom, and what it keeps to itself."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboard.monitoring.observed import SLOW_S
from tests import contract
from tests.server import Lightbox
from tests.test_hostile_requests import TRICKS, head, raw
from tests.waiting import wait_for

SECRET = "private-holiday"
"""In every part of a request that must not be told of."""

ADDRESS = "203.0.113.77"


@pytest.fixture(scope="module")
def open_lightbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lightbox]:
    """One that listens on every address of this machine."""
    folder = tmp_path_factory.mktemp("open")
    variables = {"LIGHTBOX_HOST": "0.0.0.0", "LIGHTBOX_ORIGINS": "https://demo.example.org"}
    server = Lightbox(folder / "home", variables=variables, log=folder / "web.log")
    with server.running():
        yield server


def figures(lightbox: Lightbox) -> dict[tuple[str, ...], float]:
    """Name and values of the labels → value."""
    answer = httpx.get(f"{lightbox.url}/metrics", timeout=30)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    samples = [sample for family in families for sample in family.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def classify(lightbox: Lightbox, content: bytes = contract.GOOD, **options: Any) -> httpx.Response:
    files = {"image": (f"{SECRET}.png", content)}
    url = f"{lightbox.url}/api/v1/classify?where={SECRET}"
    return httpx.post(url, files=files, timeout=60, **options)


def test_the_figures(open_lightbox: Lightbox) -> None:
    def answers(found: dict[tuple[str, ...], float]) -> float:
        return found.get(("lightbox_requests_total", "POST", "/api/v1/classify", "200"), 0)

    before = answers(figures(open_lightbox))
    assert classify(open_lightbox).status_code == 200
    found = figures(open_lightbox)
    assert answers(found) == before + 1
    assert found["lightbox_request_seconds_count", "/api/v1/classify"] >= 1
    assert found["lightbox_engine_up",] == 1
    assert found["lightbox_engine_held", "quick"] == 0
    assert found["lightbox_engine_refused_total", "slow"] == 0
    assert found["lightbox_model_bytes", "digits"] > 1000
    assert found["lightbox_sessions",] == found["lightbox_runs_running",] == 0
    memory = psutil.Process(open_lightbox.engine_pid).memory_info().rss
    assert found["lightbox_memory_bytes", "engine"] == pytest.approx(memory, rel=0.5)
    assert found["lightbox_memory_bytes", "web"] > 2**20


def test_gradio_s_routes_count_as_the_widget(open_lightbox: Lightbox) -> None:
    httpx.get(f"{open_lightbox.url}/classify/config", timeout=30)
    routes = {found[2] for found in figures(open_lightbox) if found[0] == "lightbox_requests_total"}
    assert "/classify" in routes
    assert all(not route.startswith("/api/") or route.startswith("/api/v1/") for route in routes)


def test_only_who_sits_at_this_machine_sees_them(open_lightbox: Lightbox) -> None:
    def status(address: str = "127.0.0.1", **headers: str) -> int:
        url = f"http://{address}:{open_lightbox.port}/metrics"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(url, headers=sent, timeout=30).status_code

    assert status() == 200
    assert status(x_forwarded_for="203.0.113.7") == 404
    assert status(x_forwarded_for="127.0.0.1") == 404
    assert status(x_real_ip="203.0.113.7") == 404
    assert status(host="demo.example.org") == 404
    every = [each for found in psutil.net_if_addrs().values() for each in found]
    others = [each.address for each in every if each.family == socket.AF_INET]
    for address in others:
        if not address.startswith("127."):
            assert status(address) in (403, 404)
            assert status(address, host=f"127.0.0.1:{open_lightbox.port}") == 404


def test_no_client_can_make_the_figures_grow(open_lightbox: Lightbox) -> None:
    def series() -> set[tuple[str, ...]]:
        return set(figures(open_lightbox))

    def tricks(round_: int) -> None:
        for path in (*TRICKS, b"/x%d" % round_, b"/classify/x%d" % round_, b"/metricsx%d" % round_):
            raw(open_lightbox, head(open_lightbox, b"GET " + path))
            raw(open_lightbox, head(open_lightbox, b"X%d /api/v1/models" % round_))
        httpx.get(f"{open_lightbox.url}/api/v1/models/none-{round_}", timeout=30)
        classify(open_lightbox, data={"model": f"none-{round_}"})

    tricks(0)
    known = series()
    tricks(1)
    assert series() == known
    assert not any("x0" in label or "none" in label for each in known for label in each)


def test_the_log_says_what_was_slow_and_nothing_of_the_visitor(open_lightbox: Lightbox) -> None:
    for path in TRICKS:
        raw(open_lightbox, head(open_lightbox, b"GET " + path, b"X-Secret: " + SECRET.encode()))
    assert classify(open_lightbox, b"\x89PNG" + SECRET.encode()).status_code in (415, 422)
    engine = psutil.Process(open_lightbox.engine_pid)
    engine.suspend()
    going_on = threading.Timer(SLOW_S + 1.5, engine.resume)
    going_on.start()
    slow = classify(open_lightbox, headers={"x-forwarded-for": ADDRESS})
    going_on.join()
    assert slow.status_code == 200
    assert slow.json()["request_id"] == slow.headers["x-request-id"]

    log = open_lightbox.log
    assert log
    wait_for(lambda: slow.headers["x-request-id"] in log.read_text())  # written after the answer
    written = log.read_text() + (open_lightbox.home / "engine.log").read_text()
    assert SECRET not in written
    assert ADDRESS not in written
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (line,) = [each for each in lines if each.get("request") == slow.headers["x-request-id"]]
    assert (line["route"], line["status"]) == ("/api/v1/classify", 200)
    assert line["ms"] > SLOW_S * 1000
