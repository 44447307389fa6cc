"""Uploads that are refused while they are read, not after they have filled the disk."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response, UploadFile
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from dashboard.core.errors import LightboxError, TooLarge
from dashboard.core.images import MAX_BYTES

MAX_BATCH_BYTES = 64 * 2**20
"""All images of one batch together."""

MAX_JSON_BYTES = 2**20
"""A recipe or a sweep, a hundred times over."""

MAX_OVERHEAD_BYTES = 2**16
"""What boundaries, headers and the other fields of a form may add."""


def limited_route(max_bytes: int) -> type[APIRoute]:
    """Return a route class whose requests end with `TooLarge` after `max_bytes` of files."""

    class LimitedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def limited(request: Request) -> Response:
                receive = _limit(request.receive, max_bytes)
                try:
                    return await handle(Request(request.scope, receive))
                except HTTPException as error:
                    # FastAPI hides what happens while a form is read behind "400 Bad Request".
                    if isinstance(error.__cause__, LightboxError | OSError):
                        raise error.__cause__ from None
                    raise

            return limited

    return LimitedRoute


async def read_image(upload: UploadFile) -> bytes:
    """Return the bytes of one uploaded image; `TooLarge` above 10 MB."""
    content = await upload.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _too_large(MAX_BYTES)
    return content


def _limit(receive: Receive, max_bytes: int) -> Receive:
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes + MAX_OVERHEAD_BYTES:
            raise _too_large(max_bytes)
        return message

    return limited


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(
        "The upload is larger than {limit} MB. Send less at once.",
        limit=max_bytes // 2**20,
    )
