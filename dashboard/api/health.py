"""Is Lightbox alive, and can it answer?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from dashboard.core.errors import Unavailable
from dashboard.core.serving.client import engine

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the web process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(request: Request) -> dict[str, Any]:
    """Say that the default model is warm and nothing is being imported; 503 until then.

    `faults` names the published versions that cannot be loaded: the version before answers for
    them.
    """
    if request.app.state.starting or not engine().ready():
        raise Unavailable(
            "The classifier is starting. Try again in a few seconds.", code="starting"
        )
    return {"status": "ready", "faults": engine().faults()}
