"""Addresses of Gradio that the widget does not need and no visitor shall reach."""

from __future__ import annotations

import re

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_CLOSED = re.compile(
    r"/gradio_api/+"
    r"(?:file[=/]+https?:|proxy=|deep_link|vibe|component_server|process_recording|stream)"
    r"|/monitoring",
    re.IGNORECASE,
)
"""Fetching from the network, keeping a visitor's state on disk, editing the program, figures."""


class ClosedPaths:
    """Answers 404 for the closed addresses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        closed = scope["type"] == "http" and _CLOSED.search(scope["path"])
        app = PlainTextResponse("There is nothing at this address.", 404) if closed else self._app
        await app(scope, receive, send)
