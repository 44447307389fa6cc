"""Ask an ASGI application without a network, as whoever you like."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ORIGIN = "http://127.0.0.1:8501"


def ask(
    app: ASGIApp, method: str, path: str, client: str = "203.0.113.7", **options: Any
) -> httpx.Response:
    """Send one request from the address `client`."""
    return asyncio.run(ask_async(app, method, path, client, **options))


async def ask_async(
    app: ASGIApp, method: str, path: str, client: str = "203.0.113.7", **options: Any
) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(client, 50000))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        return await http.request(method, path, **options)


def socket_scope(path: str, client: str = "203.0.113.7", **headers: str) -> Scope:
    """The opening of a WebSocket."""
    sent = {"host": "127.0.0.1:8501", **headers}
    return {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": (client, 50000),
        "subprotocols": ["streamlit"],
        "extensions": {"websocket.http.response": {}},
    }


async def opening(app: ASGIApp, scope: Scope) -> list[Message]:
    """Open a WebSocket that is closed again at once; what the application sent."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


class Reader:
    """An application that reads all of the body and then says how much it was."""

    def __init__(self) -> None:
        self.calls, self.gone = 0, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone = True
                raise RuntimeError("the client has gone")
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(size).encode()})
