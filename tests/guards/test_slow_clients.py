"""Clients who keep a connection and hardly use it (BAD_INPUT.md, §2 row 18)."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable
from contextlib import suppress

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.server import Lightbox

N = 40
"""Of each of five kinds."""

LONGEST_S = 60
"""On a busy machine; each ends after 5 to 10 s of its own."""


class Client:
    """One connection."""

    def __init__(self, lightbox: Lightbox) -> None:
        self._port = lightbox.port

    async def open(self, receive_buffer: int = 0) -> None:
        raw = socket.socket()
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", self._port))
        self._reader, self._writer = await asyncio.open_connection(sock=raw, limit=2**12)

    async def send(self, content: bytes) -> None:
        self._writer.write(content)
        await self._writer.drain()

    async def answer(self, end: bytes) -> None:
        """Wait for an answer that ends with `end`."""
        await self._reader.readuntil(end)

    async def trickle(self, content: bytes, wait_s: float) -> None:
        """Send byte by byte until the server hangs up."""
        with suppress(ConnectionError):
            for byte in content:
                await self.send(bytes([byte]))
                await asyncio.sleep(wait_s)

    async def rest(self) -> bytes:
        """What the server sent until it hung up."""
        found = b""
        with suppress(ConnectionError):
            while block := await self._reader.read(2**16):
                found += block
        self._writer.close()
        return found


HEAD = b"POST /api/v1/classify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n"
TYPE = b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"


async def silent(client: Client) -> bytes:
    await client.open()
    return await client.rest()


async def slow_head(client: Client) -> bytes:
    await client.open()
    await client.trickle(HEAD * 10, 0.5)
    return await client.rest()


async def slow_second_head(client: Client) -> bytes:
    await client.open()
    await client.send(b"GET /api/v1/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    await client.answer(b'{"status":"ok"}')
    await client.trickle(HEAD * 10, 0.5)
    return await client.rest()


async def slow_body(client: Client) -> bytes:
    await client.open()
    await client.send(HEAD + TYPE)
    await client.trickle(b"x" * 1000, 0.5)
    return await client.rest()


async def never_reading(client: Client, path: str) -> bytes:
    await client.open(receive_buffer=4096)
    await client.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    await asyncio.sleep(25)
    return await client.rest()


def largest_script(lightbox: Lightbox) -> tuple[str, int]:
    """A file of Streamlit's that no socket buffers whole."""
    from pathlib import Path

    import streamlit

    folder = Path(streamlit.__file__).parent / "static"
    path = max((folder / "static" / "js").glob("*.js"), key=lambda path: path.stat().st_size)
    return f"/{path.relative_to(folder)}", path.stat().st_size


def test_two_hundred_of_them_are_hung_up_on(lightbox: Lightbox) -> None:
    path, size = largest_script(lightbox)
    answered = 0

    async def good() -> None:
        nonlocal answered
        async with httpx.AsyncClient(timeout=30) as http:
            while True:
                (await http.get(f"{lightbox.url}/api/v1/models")).raise_for_status()
                answered += 1
                await asyncio.sleep(0.1)

    async def visit() -> list[bytes]:
        kinds: list[Awaitable[bytes]] = []
        for _ in range(N):
            for kind in (silent, slow_head, slow_second_head, slow_body):
                kinds.append(kind(Client(lightbox)))
            kinds.append(never_reading(Client(lightbox), path))
        others = asyncio.create_task(good())
        ends = await asyncio.wait_for(asyncio.gather(*kinds), LONGEST_S)
        others.cancel()
        return ends

    ends = asyncio.run(visit())
    assert answered > 20
    for number in range(4):
        assert set(ends[number::5]) == {b""}, number
    assert all(len(end) < size for end in ends[4::5])


def test_who_is_only_slow_is_served(lightbox: Lightbox) -> None:
    """1.2 KB a second are enough; pages, and questions that the server takes long over, wait."""

    async def slow_upload() -> int:
        client = Client(lightbox)
        await client.open()
        await client.send(HEAD.replace(b"1000000", b"18005") + TYPE)
        for _ in range(30):
            await client.send(b"x" * 600)
            await asyncio.sleep(0.5)
        return int((await asyncio.wait_for(client.rest(), 30)).split()[1])

    async def page() -> bool:
        async with connect(f"ws://127.0.0.1:{lightbox.port}/_stcore/stream", proxy=None) as opened:
            await asyncio.sleep(14)
            await asyncio.wait_for(await opened.ping(), 30)
            return True

    async def events() -> int:
        url = f"{lightbox.url}/classify/gradio_api/heartbeat/x"
        begun = time.monotonic()
        async with httpx.AsyncClient(timeout=30) as http, http.stream("GET", url) as lines:
            async for _ in lines.aiter_lines():
                if time.monotonic() - begun > 14:
                    return lines.status_code
        raise AssertionError("hung up")

    async def visit() -> list[object]:
        return await asyncio.gather(slow_upload(), page(), events())

    status, opened, heartbeat = asyncio.run(visit())
    assert status in (400, 422)  # no form, but read to its end
    assert (opened, heartbeat) == (True, 200)


@pytest.mark.parametrize("path", ["/", "/api/v1/healthz"])
def test_a_connection_is_kept_between_requests(lightbox: Lightbox, path: str) -> None:
    with httpx.Client() as http:
        for _ in range(3):
            assert http.get(lightbox.url + path).status_code == 200
            time.sleep(2)
