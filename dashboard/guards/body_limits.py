"""No request carries more than its address takes."""

from __future__ import annotations

import re

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.core.data.archive import MAX_BYTES as MAX_ARCHIVE_BYTES
from dashboard.core.errors import TooLarge
from dashboard.core.images import MAX_BYTES as MAX_IMAGE_BYTES
from dashboard.core.models.foreign.limits import MAX_BYTES as MAX_MODEL_BYTES
from dashboard.guards.counted_body import run_counted
from dashboard.guards.refusal import refuse

_MB = 2**20
_LARGEST = max(MAX_ARCHIVE_BYTES, MAX_MODEL_BYTES + MAX_IMAGE_BYTES)

_LIMITS = (
    (re.compile(r"/api/v1/|/_stcore/+upload_file/"), _LARGEST + 2 * _MB),
    (re.compile(r"/classify/.*gradio_api/+upload"), MAX_IMAGE_BYTES + 2 * _MB),
    (re.compile(""), 4 * _MB),
)
"""Beginning of the path → most bytes of the body; the first that fits counts. Routes under
`/api/v1/` have limits of their own below this one (`dashboard/api/uploads.py`)."""

_READING = ("GET", "HEAD", "OPTIONS")
_MAX_READING_BYTES = 2**16


class BodyLimits:
    """Answers 413 as soon as a body is known to be too long: announced, or while it comes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = _limit(scope)

        def check(came: int) -> TooLarge | None:
            return _too_large(limit) if came > limit else None

        announced = int(HTTPConnection(scope).headers.get("content-length", "0"))
        if error := check(announced):
            await refuse(error, scope, receive, send)
            return
        await run_counted(self._app, check, scope, receive, send)


def _limit(scope: Scope) -> int:
    limit = next(limit for pattern, limit in _LIMITS if pattern.match(scope["path"]))
    return min(limit, _MAX_READING_BYTES) if scope["method"] in _READING else limit


def _too_large(limit: int) -> TooLarge:
    megabytes = max(1, limit // _MB)
    return TooLarge("The upload is larger than {limit} MB. Send less at once.", limit=megabytes)
