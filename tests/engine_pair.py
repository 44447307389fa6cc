"""Two servers in this process: the engine's on its socket, and one that asks it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from dashboard.core.serving.client import engine
from dashboard.core.serving.listening import listen
from dashboard.core.settings import settings
from tests.server import free_port


@contextmanager
def pair(inner: Any, outer: Any) -> Iterator[int]:
    """Serve the engine's application and another one; yield the port of the latter."""
    engine.cache_clear()
    found = free_port()
    tcp = socket.create_server(("127.0.0.1", found))
    with listen(settings().engine_socket) as unix, _served(inner, unix), _served(outer, tcp):
        yield found
    engine().close()
    engine.cache_clear()
    shutil.rmtree(settings().engine_socket.parent, ignore_errors=True)


@contextmanager
def _served(app: Any, listening: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))

    async def serve() -> None:
        await server.serve([listening])
        await engine().aclose()  # as the lifespan of the real one does

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    yield
    server.should_exit = True
    thread.join()
