"""Sends requests as told on the standard input, and prints what came back.

In a process of its own, so that its processor time can be told from the rest. Locust would do as
well, but brings 42 packages and a plugin that patches the sockets of every pytest run.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections import defaultdict
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import uvloop

PATH = "/api/v1/classify"
BOUNDARY = "lightbox-load"
PATIENCE_S = 30.0


def form(picture: Path) -> bytes:
    """Return the body that asks the model `mobile` for a picture."""
    part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    start = f'{part}"model"\r\n\r\nmobile\r\n{part}"image"; filename="a"\r\n\r\n'
    return start.encode() + picture.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()


class Sender:
    """Sends the requests of one flow."""

    def __init__(self, http: aiohttp.ClientSession, url: str, flow: dict[str, Any]) -> None:
        self._http, self._url, self._flow = http, url, flow
        self._bodies = cycle([form(Path(picture)) for picture in flow["pictures"]])
        self._answers: dict[int, list[float]] = defaultdict(list)
        self._told_when = self._n = 0

    async def run(self, seconds: float) -> dict[str, Any]:
        """Send for so long, wait for the last answers, and return what came."""
        until = time.monotonic() + seconds
        await getattr(self, f"_{self._flow['kind']}")(until)
        return {"seconds": seconds, "answers": self._answers, "told_when": self._told_when}

    async def _open(self, until: float) -> None:
        due, sent = time.monotonic(), []
        while due < until:
            await asyncio.sleep(due - time.monotonic())
            sent.append(asyncio.create_task(self._ask()))
            due += 1 / self._flow["rate"]
        await asyncio.gather(*sent)

    async def _burst(self, until: float) -> None:
        await asyncio.gather(*(self._ask() for _ in range(self._flow["n"])))

    async def _users(self, until: float) -> None:
        async def user(i: int) -> None:
            await asyncio.sleep(self._flow["think_s"] * i / self._flow["n"])
            while time.monotonic() < until:
                await self._ask(i)
                await asyncio.sleep(self._flow["think_s"])

        await asyncio.gather(*(user(i) for i in range(self._flow["n"])))

    async def _slow(self, until: float) -> None:
        address = urlsplit(self._url)

        async def hold(i: int) -> None:
            while time.monotonic() < until:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(address.hostname, address.port)
                    writer.write(self._head(i))
                    for byte in next(self._bodies):
                        if time.monotonic() > until or writer.is_closing():
                            break
                        writer.write(bytes((byte,)))
                        await writer.drain()
                        await asyncio.sleep(1)
                    writer.close()

        await asyncio.gather(*(hold(i) for i in range(self._flow["n"])))

    def _head(self, i: int) -> bytes:
        headers = {"Host": urlsplit(self._url).netloc, "Content-Length": "100000"}
        lines = [f"{name}: {value}" for name, value in (headers | self._headers(i)).items()]
        return "\r\n".join([f"POST {PATH} HTTP/1.1", *lines, "", ""]).encode()

    def _headers(self, i: int) -> dict[str, str]:
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        if self._flow["client"]:
            number = 1 if self._flow["one_client"] else i % 250 + 1
            headers["X-Forwarded-For"] = f"{self._flow['client']}{number}"
        return headers

    async def _ask(self, i: int | None = None) -> None:
        self._n += 1
        headers = self._headers(self._n if i is None else i)
        began, status = time.monotonic(), 0
        with suppress(aiohttp.ClientError, TimeoutError):
            posted = self._http.post(self._url + PATH, data=next(self._bodies), headers=headers)
            async with posted as answer:
                await answer.read()
                status = answer.status
                self._told_when += status in (429, 503) and "Retry-After" in answer.headers
        self._answers[status].append((time.monotonic() - began) * 1e3)


async def main() -> None:
    """Do as told."""
    spec = json.load(sys.stdin)
    began, before = time.monotonic(), _processor_s()
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(PATIENCE_S),
    ) as http:
        senders = [Sender(http, spec["url"], flow) for flow in spec["flows"]]
        outcomes = await asyncio.gather(*(sender.run(spec["seconds"]) for sender in senders))
    share = (_processor_s() - before) / (time.monotonic() - began)
    json.dump({"outcomes": outcomes, "cpu_share": share}, sys.stdout)


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    uvloop.run(main())
