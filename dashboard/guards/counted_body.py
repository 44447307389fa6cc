"""Stop a request while its body is still coming."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.core.errors import LightboxError
from dashboard.guards.refusal import refuse

Check = Callable[[int], LightboxError | None]
"""Bytes that have come so far → why there may not be more."""


async def run_counted(
    app: ASGIApp, check: Check, scope: Scope, receive: Receive, send: Send
) -> None:
    """Run `app`; once `check` finds an error, the client has gone for it and gets that error."""
    error: LightboxError | None = None
    came, started = 0, False

    async def counted() -> Message:
        nonlocal came, error
        message = await receive()
        came += len(message.get("body", b""))
        error = error or check(came)
        return {"type": "http.disconnect"} if error else message

    async def answer(message: Message) -> None:
        nonlocal started
        if started or not error:
            started = True
            await send(message)

    try:
        await app(scope, counted, answer)
    except Exception:
        if not error:
            raise
    if error and not started:
        await refuse(error, scope, receive, send)
