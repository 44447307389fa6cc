"""Who is let in: everybody, unless Lightbox ends or has no room for one more connection."""

from __future__ import annotations

import asyncio
import re
import resource
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.core.errors import Unavailable
from dashboard.guards.refusal import refuse
from dashboard.guards.slow_clients import ImpatientProtocol

ENDLESS = re.compile(r"/heartbeat/[^/]+$")
"""Streams that tell Gradio that a page is open; they end with the page, so nobody awaits them."""

ALIVE = "/api/v1/healthz"
"""Is answered as long as the process lives."""

_POLL_S = 0.05
_UPLOAD_S = 1.0
"""How long the rest of a refused upload is read, so that its sender hears why."""

_CROWDED = "crowded"
"""In the state of each request of a connection that is one too many."""


class Gate:
    """Refuses requests with 503 while Lightbox ends or is crowded, and counts those inside.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._closed = asyncio.Event()
        self._n_inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reason = None if scope["type"] == "lifespan" else self._reason(scope)
        if reason:
            await _turn_away(reason, scope, receive, send)
        else:
            await self._let_in(scope, receive, send)

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

    def _reason(self, scope: Scope) -> Unavailable | None:
        if scope["path"] == ALIVE:
            return None
        if self._closed.is_set():
            return Unavailable("Lightbox is stopping. Try again in a minute.", code="stopping")
        if scope.get("state", {}).get(_CROWDED):
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


async def _turn_away(reason: Unavailable, scope: Scope, receive: Receive, send: Send) -> None:
    async def send_and_close(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
        await send(message)

    if scope["type"] == "http":
        with suppress(TimeoutError):
            async with asyncio.timeout(_UPLOAD_S):
                while (await receive()).get("more_body"):
                    pass
    await refuse(reason, scope, receive, send_and_close)


class Crowded(ImpatientProtocol):
    """Lets the gate refuse what comes over a connection where there are too many.

    Each takes a file descriptor, and where none is left nothing works, not even a refusal: asyncio
    would try to accept the next one again and again.
    """

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] * 2 // 5
    told = most // 4
    """How many more are told so; the rest is cut off."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.most + self.told:
            transport.abort()
        elif len(self.connections) > self.most:
            self.app_state = {**self.app_state, _CROWDED: True}
            self.loop.call_later(2 * _UPLOAD_S, transport.abort)  # whether it asks or not
