"""Work for a client that may hang up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

Result = TypeVar("Result")


async def while_connected(receive: Receive, work: Coroutine[Any, Any, Result]) -> Result:
    """Await `work`, and cancel it as soon as the client is gone.

    Args:
        receive: Of a request whose body has been read, so that only its end can come.
        work: What the client waits for.

    Raises:
        ClientDisconnect: It is gone.
    """
    working = asyncio.ensure_future(work)
    hanging_up = asyncio.ensure_future(receive())
    try:
        await asyncio.wait({working, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        working.cancel()
        hanging_up.cancel()
