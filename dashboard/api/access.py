"""Who may change something."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from fastapi import Request

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
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden("Requests from another site are refused.", code="foreign_origin")
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not settings().loopback and not secrets.compare_digest(given, settings().token):
        raise Forbidden(
            "Changes need the token that was printed at start, as “Authorization: Bearer TOKEN”.",
            code="token_required",
        )
