"""What all uploads together may hold: those of the pages in memory, the widget's on disk."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard.core.errors import LightboxError, TooLarge, Unavailable
from dashboard.core.settings import settings
from dashboard.guards.counted_body import run_counted
from dashboard.guards.refusal import refuse

SESSION_SHARE = 4
"""A session may hold one part in as many of the memory."""

_PAGE = re.compile(r"/_stcore/upload_file/([^/]+)/")
_WIDGET = re.compile(r"/classify/.*gradio_api/+upload")
_MB = 2**20


class UploadBudget:
    """Refuses an upload where `mb` are held already, or by its session a quarter of them.

    Streamlit keeps the uploads of a session in memory as long as it lives; Gradio keeps files on
    disk until it sweeps them, after a quarter of an hour.
    """

    def __init__(self, app: ASGIApp, mb: int) -> None:
        self._app, self._most = app, mb * _MB
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = widget = None
        if scope["type"] == "http":
            page, widget = _PAGE.match(scope["path"]), _WIDGET.match(scope["path"])
        if page and scope["method"] == "PUT":
            await self._page(page[1], scope, receive, send)
        elif widget and await asyncio.to_thread(_bytes_on_disk) > self._most:
            await refuse(_full(), scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _page(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        reserved = int(dict(scope["headers"]).get(b"content-length", b"0"))
        error = self._error(session, reserved)
        if error:
            await refuse(error, scope, receive, send)
            return

        def check(came: int) -> LightboxError | None:
            nonlocal reserved
            more = max(0, came - reserved)  # in pieces, nothing is announced
            if more and (error := self._error(session, more)):
                return error
            self._coming[session] += more
            reserved += more
            return None

        self._coming[session] += reserved
        try:
            await run_counted(self._app, check, scope, receive, send)
        finally:
            self._coming[session] -= reserved
            if not self._coming[session]:
                del self._coming[session]

    def _error(self, session: str, more: int) -> LightboxError | None:
        held = _bytes_in_memory()
        ours = held[session] + self._coming[session] + more
        if ours > self._most // SESSION_SHARE:
            return TooLarge(
                "This page holds more than {limit} MB of uploads. Remove some, or reload it.",
                limit=self._most // SESSION_SHARE // _MB,
            )
        everything = held.total() + self._coming.total() + more
        return _full() if everything > self._most else None


def _full() -> Unavailable:
    full = Unavailable("Other visitors' uploads fill the memory. Try again in a few minutes.")
    full.retry_after_s = 120
    return full


def _bytes_in_memory() -> Counter[str]:
    uploads = Runtime.instance().uploaded_file_mgr
    assert isinstance(uploads, MemoryUploadedFileManager)
    sessions = list(uploads.file_storage.items())
    return Counter(
        {key: sum(len(file.data) for file in list(files.values())) for key, files in sessions}
    )


def _bytes_on_disk() -> int:
    total = 0
    for path in settings().temporary.rglob("*"):
        with suppress(OSError):  # swept meanwhile
            total += path.stat().st_size
    return total
