"""Who may change something."""

from __future__ import annotations

import secrets

from fastapi import Request

from dashboard.core.addresses import is_our_host, is_our_page
from dashboard.core.errors import Forbidden
from dashboard.core.settings import settings


def require_change(request: Request) -> None:
    """FastAPI dependency of every route that changes something.

    Raises:
        Forbidden: In demo mode; from a page of another site; without the token where the host
            is not a loopback address.
    """
    if settings().demo:
        raise Forbidden("This is a demo: nothing can be changed here.", code="demo")
    require_same_site(request)
    if not settings().loopback and not _has_token(request):
        raise Forbidden(
            "Changes need the token that was printed at start, as “Authorization: Bearer TOKEN”.",
            code="token_required",
        )


def require_same_site(request: Request) -> None:
    """FastAPI dependency of routes that store something any visitor may give.

    Raises:
        Forbidden: From a page of another site.
    """
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    if not is_our_host(host) or (origin and not is_our_page(origin, host)):
        raise Forbidden("Requests from another site are refused.", code="foreign_origin")


def _has_token(request: Request) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    token = settings().token
    # As bytes: strings are only compared where they are ASCII. No token set: nobody has it.
    return bool(token) and secrets.compare_digest(given.encode("latin-1"), token.encode())
