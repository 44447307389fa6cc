"""`GET /metrics`, for whoever sits at this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.core.settings import LOOPBACK
from dashboard.guards.clients import client_of
from dashboard.monitoring.metrics import REGISTRY

_PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""A proxy on this machine asks for somebody who is not."""


def metrics(request: Request) -> Response:
    """Return the figures in Prometheus' text format; 404 to everybody from elsewhere."""
    if not _is_local(request):
        return PlainTextResponse("There is nothing at this address.", 404)
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_local(request: Request) -> bool:
    # The name too: a page elsewhere whose name resolves to this machine must not read it.
    name = urlsplit(f"//{request.headers.get('host', '')}").hostname
    proxied = any(header in request.headers for header in _PROXIED)
    return not client_of(request.scope) and name in LOOPBACK and not proxied


ROUTE = Route("/metrics", metrics)
