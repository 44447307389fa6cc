"""No more pages than there are places."""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import Message, Receive, Scope, Send

from dashboard.guards.session_cap import SessionCap
from tests.guards.visiting import Reader, ask_async, opening, socket_scope

HTML = {"accept": "text/html,*/*"}


def test_the_third_of_two() -> None:
    leave = asyncio.Event()

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await leave.wait()

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        await (page if scope["type"] == "websocket" else Reader())(scope, receive, send)

    async def visit() -> tuple[list[Message], list[httpx.Response], list[int], int]:
        app = SessionCap(both, 2)
        scope = socket_scope("/_stcore/stream")
        free = (await ask_async(app, "GET", "/train", headers=HTML)).status_code
        tasks = [asyncio.create_task(opening(app, scope)) for _ in range(2)]
        await asyncio.sleep(0)
        third = await opening(app, scope)
        page = [await ask_async(app, "GET", path, headers=HTML) for path in ("/", "/?lang=zh")]
        rest = [
            (await ask_async(app, "GET", path, headers=HTML)).status_code
            for path in ("/api/v1/models", "/classify/")
        ]
        rest.append((await ask_async(app, "GET", "/static/x.js")).status_code)
        leave.set()
        await asyncio.gather(*tasks)
        again = await ask_async(app, "GET", "/", headers=HTML)
        assert (await opening(app, scope))[0] == {"type": "websocket.accept"}
        return third, page, [free, *rest], again.status_code

    third, pages, others, again = asyncio.run(visit())
    assert third == [
        {"type": "websocket.accept", "subprotocol": "streamlit"},
        {"type": "websocket.close", "code": 1013},
    ]
    for answer in pages:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<p>All places are taken right now. Try again in a minute.</p>" in pages[0].text
    assert '<html lang="zh">' in pages[1].text
    assert "<p>现在名额已满。请一分钟后再试。</p>" in pages[1].text
    assert others == [200] * 4
    assert again == 200
