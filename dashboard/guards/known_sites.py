"""Only the names of this Lightbox, and only its own pages."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.core.addresses import is_our_host, is_our_page
from dashboard.core.errors import Forbidden, LightboxError
from dashboard.guards.refusal import refuse


class KnownSites:
    """Refuses requests that come under a foreign name or from a page of another site.

    Reading too: browsers name the page in every WebSocket and in every request whose answer its
    script could read, and Gradio allows any site wherever it is not on this machine. What sends
    no `Host` is no browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = None if scope["type"] == "lifespan" else _error(HTTPConnection(scope))
        if error:
            await refuse(error, scope, receive, send)
            return
        await self._app(scope, receive, send)


def _error(request: HTTPConnection) -> LightboxError | None:
    host, origin = request.headers.get("host"), request.headers.get("origin")
    if host is not None and not is_our_host(host):
        return Forbidden(
            "Lightbox is not known under this name. Whoever runs it can list the address in "
            "LIGHTBOX_ORIGINS.",
            code="foreign_host",
        )
    if origin is not None and not is_our_page(origin, host or ""):
        return Forbidden("Requests from another site are refused.", code="foreign_origin")
    return None
