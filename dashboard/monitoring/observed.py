"""Counts every request, and logs those that failed or took long."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.core.errors import CLIENT_LEFT
from dashboard.core.log import begin_request
from dashboard.guards.admission import CLASSIFICATIONS
from dashboard.monitoring.metrics import REQUESTS, SECONDS

SLOW_S = 2.0
"""An answer of the API that took longer is worth a line in the log."""

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")

_LOG = logging.getLogger(__name__)


class Observed:
    """Gives each request its id, and measures it. Stands around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = begin_request()
        began, status, left = time.perf_counter(), 0, False

        async def heard() -> Message:
            nonlocal left
            message = await receive()
            left = left or message["type"] == "http.disconnect"
            return message

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, heard, noticed)
        finally:
            unanswered = CLIENT_LEFT if left else HTTPStatus.INTERNAL_SERVER_ERROR.value
            _note(scope, status or unanswered, time.perf_counter() - began)


def _note(scope: Scope, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = route_of(scope)
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(route).observe(seconds)
    # Refusals and slow clients are counted, not logged: a crowd would fill the disk.
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.SERVICE_UNAVAILABLE
    slow = status < HTTPStatus.BAD_REQUEST and seconds > SLOW_S and route.startswith("/api")
    if failed or slow:
        told = {"method": method, "route": route, "status": status, "ms": round(seconds * 1e3)}
        _LOG.warning("request failed" if failed else "request was slow", extra={"fields": told})


def route_of(scope: Scope) -> str:
    """Return the template of an address, of which there are few, and nothing a client chose."""
    path, route = scope["path"], scope.get("route")
    if isinstance(route, APIRoute) and path.startswith("/api/"):  # Gradio has such routes too
        return ("/api/v1" if path.startswith("/api/v1/") else "/api") + route.path_format
    if path in CLASSIFICATIONS:  # refused before it came to a route
        return str(path)
    return next((face for face in ("/api", "/classify", "/metrics") if path.startswith(face)), "/")
