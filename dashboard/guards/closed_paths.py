"""Addresses of Streamlit and Gradio that Lightbox does not need and no visitor shall reach."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.core.errors import NotFound
from dashboard.guards.refusal import refuse

_CLOSED = re.compile(
    r"^/+classify/+(?:.*/+)?gradio_api/+"
    r"(?:file[=/]+https?:|proxy=|deep_link|vibe|component_server|process_recording|stream)"
    r"|^/+classify/+(?:.*/+)?(?:monitoring|openapi\.json)"
    r"|^/+_stcore/+(?:metrics|script-health-check|agent)",
    re.IGNORECASE | re.DOTALL,
)
"""Fetching from the network, keeping a visitor's state on disk, editing the program, figures,
running a page outside of a browser."""


class ClosedPaths:
    """Answers 404 for the closed addresses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _CLOSED.search(scope["path"]):
            await refuse(NotFound("There is nothing at this address."), scope, receive, send)
            return
        await self._app(scope, receive, send)
