"""429 for who asks too much, and for nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from dashboard.guards.client_limits import ClientLimits, Limits
from tests.guards.visiting import Reader, ask, ask_async, opening, socket_scope

LIMITS = Limits(rate=5, burst=20, concurrent=2, mb_per_minute=2, on_this_machine=False)
SLOW = LIMITS._replace(rate=1)
QUESTIONS = [
    "/api/v1/classify",
    "/api/v1/feedback",
    "/classify/gradio_api/queue/join",
    "/classify/zh/gradio_api/queue/join",
    "/classify//gradio_api//queue//join",
    "/mcp",
]


def statuses(app: Any, n: int, method: str, path: str, **options: Any) -> list[int]:
    return [ask(app, method, path, **options).status_code for _ in range(n)]


@pytest.mark.parametrize("path", QUESTIONS)
def test_questions(path: str) -> None:
    app = ClientLimits(Reader(), SLOW)
    assert statuses(app, 21, "POST", path) == [200] * 20 + [429]
    assert ask(app, "POST", path, "203.0.113.8").status_code == 200
    assert ask(app, "GET", path).status_code == 200


def test_a_batch_counts_for_eight() -> None:
    app = ClientLimits(Reader(), SLOW)
    assert statuses(app, 3, "POST", "/api/v1/classify/batch") == [200, 200, 429]


def test_a_page_may_load_hundreds_of_files() -> None:
    app = ClientLimits(Reader(), LIMITS)
    assert statuses(app, 900, "GET", "/static/js/x.js") == [200] * 900


def test_but_not_without_end() -> None:
    app = ClientLimits(Reader(), SLOW._replace(burst=1))
    assert statuses(app, 60, "GET", "/")[:50] == [200] * 50
    assert 429 in statuses(app, 60, "GET", "/")


def refused(path: str, **headers: str) -> httpx.Response:
    app = ClientLimits(Reader(), SLOW._replace(burst=1))
    ask(app, "POST", path)
    return ask(app, "POST", path, headers=headers)


def test_the_refusal_has_the_form_of_its_face() -> None:
    answer = refused("/api/v1/classify")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    error = answer.json()["error"]
    assert error["code"] == "too_many_requests"
    assert error["message"] == "You ask for more than one visitor may. Try again in 1 s."
    assert error["request_id"] == answer.headers["x-request-id"]

    answer = refused("/classify/zh/gradio_api/queue/join")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert answer.json() == {"detail": "您的请求超过了一位访客的限额。请在 1 秒后再试。"}

    assert refused("/mcp").json()["error"]["code"] == "too_many_requests"


def test_how_long_to_wait_is_true() -> None:
    app = ClientLimits(Reader(), SLOW._replace(burst=8))
    assert ask(app, "POST", "/api/v1/classify/batch").status_code == 200
    assert ask(app, "POST", "/api/v1/classify/batch").headers["retry-after"] == "8"


def test_this_machine_is_limited_only_where_it_is_said() -> None:
    path = "/api/v1/classify"
    for client in ("127.0.0.1", "::1"):
        app = ClientLimits(Reader(), SLOW)
        assert statuses(app, 30, "POST", path, client=client) == [200] * 30
        app = ClientLimits(Reader(), SLOW._replace(on_this_machine=True))
        assert statuses(app, 21, "POST", path, client=client)[-1] == 429


def test_so_many_at_the_same_time_and_again_when_they_are_done() -> None:
    release = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await release.wait()
        await Reader()(scope, receive, send)

    async def visit() -> tuple[list[int], int, list[int], int]:
        app = ClientLimits(slow, LIMITS)
        path = "/api/v1/classify"
        running = [asyncio.create_task(ask_async(app, "POST", path)) for _ in range(2)]
        await asyncio.sleep(0)
        while not all(app._open[key] == 2 for key in [("203.0.113.7", True)]):
            await asyncio.sleep(0)
        third = await ask_async(app, "POST", path)
        other = asyncio.create_task(ask_async(app, "POST", path, "203.0.113.8"))
        await asyncio.sleep(0)
        release.set()
        done = [(await task).status_code for task in running]
        after = (await ask_async(app, "POST", path)).status_code
        return done, third.status_code, [(await other).status_code, after], len(app._open)

    assert asyncio.run(visit()) == ([200, 200], 429, [200, 200], 0)


def test_bytes_per_time() -> None:
    async def visit() -> tuple[httpx.Response, int, bool, int]:
        app = ClientLimits(Reader(), LIMITS)
        too_much = b"x" * (2**21 + 2**16)
        first = asyncio.create_task(ask_async(app, "POST", "/upload", content=too_much))
        while not app._bytes.take("203.0.113.7", 0):
            await asyncio.sleep(0)
        refused = await ask_async(app, "POST", "/upload", content=b"x")
        other = await ask_async(app, "POST", "/upload", "203.0.113.8", content=b"x")
        goes_on = not first.done()  # what has begun is slowed down, not cut off
        return refused, other.status_code, goes_on, (await first).status_code

    answer, other, goes_on, first = asyncio.run(visit())
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 2  # 64 KB at 2 MB a minute
    assert (other, goes_on, first) == (200, True, 200)


def test_opening_pages() -> None:
    app = ClientLimits(Reader(), SLOW._replace(burst=2))

    async def visit() -> list[list[Message]]:
        return [await opening(app, socket_scope("/_stcore/stream")) for _ in range(3)]

    first, second, third = asyncio.run(visit())
    assert first == second == [{"type": "websocket.accept"}]
    assert third[0]["type"] == "websocket.http.response.start"
    assert third[0]["status"] == 429
    assert (b"retry-after", b"1") in third[0]["headers"]


def test_many_open_requests_of_one_client() -> None:
    release = asyncio.Event()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await release.wait()
        await Reader()(scope, receive, send)

    async def visit() -> tuple[int, int]:
        app = ClientLimits(waits, LIMITS)
        tasks = [asyncio.create_task(ask_async(app, "GET", "/")) for _ in range(128)]
        while app._open["203.0.113.7", False] < 128:
            await asyncio.sleep(0)
        beyond = (await ask_async(app, "GET", "/")).status_code
        release.set()
        return beyond, {(await task).status_code for task in tasks}.pop()

    assert asyncio.run(visit()) == (429, 200)
