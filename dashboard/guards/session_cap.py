"""So many pages at the same time, and no more."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.core.errors import Unavailable
from dashboard.guards.refusal import refuse

TRY_AGAIN_LATER = 1013
"""Close code of WebSockets, from the registry that RFC 6455 founds."""


class SessionCap:
    """Closes the session of a page beyond `most` with 1013 and tells who opens another.

    Each holds a thread and tens of megabytes. The widget and REST go on.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most, self._open = app, most, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._session(scope, receive, send)
        elif self._open >= self._most and _opens_a_page(scope):
            full = Unavailable("All places are taken right now. Try again in a minute.")
            full.retry_after_s = 60
            await refuse(full, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _session(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._open >= self._most:
            accepted: Message = {"type": "websocket.accept", "subprotocol": _subprotocol(scope)}
            await send(accepted)  # the reason reaches only a browser whose socket was opened
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        self._open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open -= 1


def _opens_a_page(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    accepted = dict(scope["headers"]).get(b"accept", b"")
    ours = scope["path"].startswith(("/api/", "/classify/"))
    return b"text/html" in accepted and not ours


def _subprotocol(scope: Scope) -> str | None:
    return next(iter(scope.get("subprotocols", [])), None)
