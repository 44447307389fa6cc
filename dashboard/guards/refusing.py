"""What all guards are that look at a request's head alone."""

from __future__ import annotations

from abc import ABC, abstractmethod

from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.core.errors import LightboxError
from dashboard.guards.refusal import refuse


class Refusing(ABC):
    """Answers with what is wrong with a request, or lets it through to `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    @abstractmethod
    def error(self, scope: Scope) -> LightboxError | None:
        """Return what is wrong with a request or the opening of a WebSocket."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = None if scope["type"] == "lifespan" else self.error(scope)
        if error:
            await refuse(error, scope, receive, send)
        else:
            await self._app(scope, receive, send)
