"""Heads that no browser sends."""

from __future__ import annotations

import asyncio

import pytest

from dashboard.guards.head_limits import HeadLimits
from tests.guards.visiting import Reader, ask, opening, socket_scope


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, "", 200),
        ({"x": "a" * 32_000}, "", 200),
        ({"x": "a" * 33_000}, "", 431),
        ({f"x{n}": "a" * 100 for n in range(400)}, "", 431),
        ({}, "a" * 33_000, 431),
        ({"range": "bytes=0-3,5-6"}, "", 200),
        ({"range": "bytes=" + ",".join(f"{n}-{n}" for n in range(16))}, "", 200),
        ({"range": "bytes=" + ",".join(f"{n}-{n}" for n in range(17))}, "", 416),
        ({"range": "bytes=" + "," * 10_000}, "", 416),
    ],
)
def test_heads(headers: dict[str, str], query: str, status: int) -> None:
    app = HeadLimits(Reader())
    assert ask(app, "GET", f"/api/v1/models?{query}", headers=headers).status_code == status


def test_the_head_of_a_socket() -> None:
    app = HeadLimits(Reader())
    sent = asyncio.run(opening(app, socket_scope("/_stcore/stream", x="a" * 33_000)))
    assert (sent[0]["type"], sent[0]["status"]) == ("websocket.http.response.start", 431)
