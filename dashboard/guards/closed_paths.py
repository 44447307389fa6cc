"""Addresses of Streamlit and Gradio that Lightbox does not need and no visitor shall reach."""

from __future__ import annotations

import re

from starlette.types import Scope

from dashboard.core.errors import LightboxError, NotFound
from dashboard.guards.refusing import Refusing

_CLOSED = re.compile(
    r"^/+classify/+(?:.*/+)?gradio_api/+"
    r"(?:file[=/]+https?:|proxy=|deep_link|vibe|component_server|process_recording|stream)"
    r"|^/+classify/+(?:.*/+)?(?:monitoring|openapi\.json)"
    r"|^/+_stcore/+(?:metrics|script-health-check|agent)",
    re.IGNORECASE | re.DOTALL,
)
"""Fetching from the network, keeping a visitor's state on disk, editing the program, figures,
running a page outside of a browser."""


class ClosedPaths(Refusing):
    """Answers 404 for the closed addresses."""

    def error(self, scope: Scope) -> LightboxError | None:
        if scope["type"] == "http" and _CLOSED.search(scope["path"]):
            return NotFound("There is nothing at this address.")
        return None
