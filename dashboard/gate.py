"""Who is let in: everybody, unless Lightbox ends or has no room for one more connection."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import secrets
from collections.abc import Callable
from contextlib import suppress

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.core.errors import Unavailable
from dashboard.guards.slow_clients import ImpatientProtocol

ENDLESS = re.compile(r"/heartbeat/[^/]+$")
"""Streams that tell Gradio that a page is open; they end with the page, so nobody awaits them."""

ALIVE = "/api/v1/healthz"
"""Is answered as long as the process lives."""

_POLL_S = 0.05
_UPLOAD_S = 1.0
"""How long the rest of a refused upload is read, so that its sender hears why."""


class Gate:
    """Refuses requests with 503 while Lightbox ends, and counts those inside.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._closed = asyncio.Event()
        self._n_inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._closed.is_set() or scope["type"] == "lifespan" or scope["path"] == ALIVE:
            await self._let_in(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1012})
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(_UPLOAD_S):
                    while (await receive()).get("more_body"):
                        pass
            reason = Unavailable("Lightbox is stopping. Try again in a minute.", code="stopping")
            headers, error = _refusal(reason)
            await JSONResponse(error, reason.status, headers)(scope, receive, send)

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


class Crowded(ImpatientProtocol):
    """Refuses connections with 503 where there are too many.

    Each takes a file descriptor, and where none is left nothing works, not even a refusal: asyncio
    would try to accept the next one again and again.
    """

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] * 2 // 5
    told = most // 4
    """How many more are told so; the rest is cut off."""

    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.most + self.told:
            transport.abort()
        elif len(self.connections) > self.most:
            self._refused = True
            transport.write(_crowded())
            transport.write_eof()
            # Closed with something unread, the connection would be reset, and the answer lost.
            self.loop.call_later(_UPLOAD_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        if not self._refused:
            super().data_received(data)


def _crowded() -> bytes:
    reason = Unavailable(
        "Too many connections are open just now. Try again in a few seconds.",
        code="too_many_connections",
    )
    headers, error = _refusal(reason)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n{lines}"
    return f"{head}\r\n{json.dumps(error)}".encode()


def _refusal(reason: Unavailable) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return headers and body of an answer."""
    request_id = secrets.token_hex(8)
    headers = {
        "Retry-After": str(reason.retry_after_s),
        "Connection": "close",
        "X-Request-ID": request_id,
    }
    return headers, {
        "error": {"code": reason.code, "message": str(reason), "request_id": request_id}
    }
