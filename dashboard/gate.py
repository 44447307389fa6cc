"""Who is let in: everybody, unless Lightbox ends or has no room."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Sized
from contextlib import suppress

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.core.errors import Unavailable

ENDLESS = re.compile(r"/heartbeat/[^/]+$")
"""Streams that tell Gradio that a page is open; they end with the page, so nobody awaits them."""

ALIVE = "/api/v1/healthz"
"""Is answered as long as the process lives."""

_POLL_S = 0.05
_UPLOAD_S = 2.0
"""How long the rest of a refused upload is read, so that its sender hears why."""


class Gate:
    """Refuses requests with 503 while Lightbox ends or has no room, and counts those inside.

    Args:
        app: The application.
        room: How many connections may be open: each takes a file descriptor, and where none is
            left nothing works, not even a refusal.
    """

    def __init__(self, app: ASGIApp, room: int) -> None:
        self._app = app
        self._room = room
        self._closed = asyncio.Event()
        self._n_inside = 0
        self.connections: Sized = ()
        """The open ones, which the server knows."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reason = None if scope["type"] == "lifespan" else self._reason(scope["path"])
        if reason is None:
            await self._let_in(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1012})
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(_UPLOAD_S):
                    while (await receive()).get("more_body"):
                        pass
            await _refusal(reason)(scope, receive, send)

    async def close(self, patience_s: float, hurried: Callable[[], bool]) -> None:
        """Refuse what comes from now on, and wait for what is inside.

        Args:
            patience_s: For how long.
            hurried: Whether to wait no longer; asked again and again.
        """
        self._closed.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._n_inside and not hurried():
                    await asyncio.sleep(_POLL_S)

    def _reason(self, path: str) -> Unavailable | None:
        if path == ALIVE:
            return None
        if self._closed.is_set():
            return Unavailable("Lightbox is stopping. Try again in a minute.", code="stopping")
        if len(self.connections) > self._room:
            return Unavailable(
                "Too many connections are open just now. Try again in a few seconds.",
                code="too_many_connections",
            )
        return None

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif ENDLESS.search(scope["path"]):
            await self._app(scope, self._until_closed(receive), send)
        else:
            self._n_inside += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._n_inside -= 1

    def _until_closed(self, receive: Receive) -> Receive:
        """Let a stream believe that its reader is gone when Lightbox ends."""

        async def received() -> Message:
            waiting = {asyncio.ensure_future(receive()), asyncio.ensure_future(self._closed.wait())}
            done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in rest:
                task.cancel()
            found = done.pop().result()
            return found if isinstance(found, dict) else {"type": "http.disconnect"}

        return received


def _refusal(reason: Unavailable) -> JSONResponse:
    request_id = secrets.token_hex(8)
    error = {"code": reason.code, "message": str(reason), "request_id": request_id}
    headers = {
        "Retry-After": str(reason.retry_after_s),
        "Connection": "close",
        "X-Request-ID": request_id,
    }
    return JSONResponse({"error": error}, reason.status, headers)
