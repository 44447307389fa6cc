"""Foreign names and pages of other sites, for reading too."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from dashboard.core.settings import settings
from dashboard.guards.known_sites import KnownSites
from tests.guards.visiting import Reader, ask, opening, socket_scope

OWN_NAME = socket.gethostname().lower()
FIGURES = ["127.0.0.1:8501", "127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:8501"]
ELSEWHERE = ["192.168.1.7:8501", "203.0.113.7", "[2001:db8::1]:80", OWN_NAME, f"{OWN_NAME}.:8501"]
FOREIGN = [
    "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:8501",
    "0x7f000001", "2130706433", "127.1", "", "[::1", "a@127.0.0.1.nip.io", "demo.example.org.evil",
]  # fmt: skip


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])
def bound(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address that is listened on."""
    monkeypatch.setenv("LIGHTBOX_HOST", request.param)
    settings.cache_clear()
    yield request.param
    settings.cache_clear()


def status(**headers: str) -> int:
    return ask(KnownSites(Reader()), "GET", "/api/v1/models", headers=headers).status_code


def test_names(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [status(host=host) for host in FIGURES] == [200] * len(FIGURES)
    expected = 403 if bound == "127.0.0.1" else 200
    assert [status(host=host) for host in ELSEWHERE] == [expected] * len(ELSEWHERE)
    assert [status(host=host) for host in FOREIGN] == [403] * len(FOREIGN)
    assert status(host="demo.example.org") == 403
    monkeypatch.setenv("LIGHTBOX_ORIGINS", "https://demo.example.org, http://other:8080")
    settings.cache_clear()
    assert status(host="demo.example.org") == 200
    assert status(host="other:8080") == 200
    assert status(host="other") == 403
    assert status(host="evil.example") == 403


def test_pages(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host = "127.0.0.1:8501"
    assert status(host=host, origin="http://127.0.0.1:8501") == 200
    foreign = ["http://evil.example", "http://127.0.0.1:8502", "https://127.0.0.1", "null", ""]
    assert [status(host=host, origin=origin) for origin in foreign] == [403] * 5
    monkeypatch.setenv("LIGHTBOX_ORIGINS", "https://demo.example.org")
    settings.cache_clear()
    assert status(host=host, origin="https://demo.example.org") == 200  # the proxy renamed it
    assert status(host=host, origin="http://demo.example.org") == 403
    assert status(host=host, origin="https://demo.example.org.evil") == 403


def test_sockets(bound: str) -> None:
    def first(**headers: str) -> str:
        app = KnownSites(Reader())
        scope = socket_scope("/_stcore/stream", **headers)
        return str(asyncio.run(opening(app, scope))[0].get("status", "accepted"))

    assert first() == first(origin="http://127.0.0.1:8501") == "accepted"
    assert first(origin="http://evil.example") == "403"
    assert first(host="evil.example", origin="http://evil.example") == "403"


def test_the_sentence_says_what_to_do() -> None:
    answer = ask(KnownSites(Reader()), "GET", "/", headers={"host": "evil.example"})
    assert answer.status_code == 403
    assert "LIGHTBOX_ORIGINS" in answer.text
