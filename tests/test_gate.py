"""What a stopping or crowded Lightbox says: in the form of each face, and like all its answers."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from starlette.types import Message

from dashboard.gate import ALIVE, Gate
from dashboard.guards.security_headers import SecurityHeaders
from dashboard.monitoring.observed import Observed
from tests.guards.visiting import Reader, ask_async, opening, socket_scope


def stopping(method: str, path: str, **options: Any) -> httpx.Response:
    """Ask a Lightbox that was told to end."""

    async def visit() -> httpx.Response:
        gate = Gate(Reader())
        await gate.close(0, lambda: True)
        return await ask_async(Observed(SecurityHeaders(gate)), method, path, **options)

    return asyncio.run(visit())


def test_each_face_has_its_own_form() -> None:
    answer = stopping("POST", "/api/v1/classify", files={"image": b"x" * 10_000})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    error = answer.json()["error"]
    assert error["code"] == "stopping"
    assert error["message"] == "Lightbox is stopping. Try again in a minute."
    assert error["request_id"] == answer.headers["x-request-id"]

    answer = stopping("POST", "/classify/zh/gradio_api/queue/join")
    assert answer.json() == {"detail": "Lightbox 正在停止运行，请一分钟后再试。"}

    answer = stopping("GET", "/train", headers={"accept-language": "zh"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.text == "Lightbox 正在停止运行，请一分钟后再试。"


def test_it_is_sent_like_every_other_answer() -> None:
    for path in ("/api/v1/models", "/classify/", "/"):
        headers = stopping("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors" in headers["content-security-policy"]
        assert headers["connection"] == "close"


def test_it_tells_that_it_lives() -> None:
    assert stopping("GET", ALIVE).status_code == 200


def test_a_page_is_told_that_it_cannot_be_opened() -> None:
    async def visit() -> list[Message]:
        gate = Gate(Reader())
        await gate.close(0, lambda: True)
        return await opening(gate, socket_scope("/_stcore/stream"))

    start = asyncio.run(visit())[0]
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 503)
