"""Who cannot be answered soon is told so at once, before his picture is read."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api.classify import LEAVE_QUEUE
from dashboard.core.errors import Unavailable
from dashboard.guards.refusal import refuse

CLASSIFICATIONS = ("/api/v1/classify", "/api/v1/classify/batch")


class Admission:
    """Lets only so many classifications in as the engine's queue would take.

    Without it each one too many would still be read, parsed and sent to the engine before it is
    refused, and with five times what the engine can do nothing would be left for the answers. A
    place is held from the end of the body to the end of the answer, so that slow senders keep
    nobody out.

    Args:
        app: What classifies.
        places: How many classifications may be under way.
    """

    def __init__(self, app: ASGIApp, places: int) -> None:
        self._app, self._places = app, places
        self._taken: set[object] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in CLASSIFICATIONS:
            await self._app(scope, receive, send)
            return
        if self._full:
            await refuse(self._busy(), scope, receive, send)
            return
        place = object()

        async def admitted() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                if self._full:
                    raise self._busy()
                self._taken.add(place)
            return message

        scope.setdefault("state", {})[LEAVE_QUEUE] = lambda: self._taken.discard(place)
        try:
            await self._app(scope, admitted, send)
        finally:
            self._taken.discard(place)

    @property
    def _full(self) -> bool:
        return len(self._taken) >= self._places

    def _busy(self) -> Unavailable:
        return Unavailable(
            "The classifier is busy: {waiting} images are waiting. Try again in a few seconds.",
            code="queue_full",
            waiting=len(self._taken),
        )
