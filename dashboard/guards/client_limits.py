"""No client gets more than its share: of questions, of requests at a time, of bytes."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.core.errors import LightboxError, TooManyRequests
from dashboard.guards.buckets import Buckets
from dashboard.guards.clients import client_of
from dashboard.guards.refusal import refuse

_QUESTION = re.compile(r"/api/v1/(?:classify|feedback)|/mcp|/classify/.*gradio_api/+queue/+join")
"""What costs time of the engine. The widget's uploads are looked at only when it is asked."""

_BATCH, _BATCH_COST = "/api/v1/classify/batch", 8
"""Up to 32 pictures, which share much of the work."""

_SESSION = "/_stcore/stream"
"""Opening a page runs it, so it counts like a question."""

_GENEROUS = 50
"""Everything else may be asked as many times more often: a page loads hundreds of files."""

_MAX_OPEN = 128
"""Requests and pages that a client may have open, of whatever kind."""


class Limits(NamedTuple):
    """What one client may do.

    Attributes:
        rate: Questions per second in the long run.
        burst: Questions at once.
        concurrent: Questions under way.
        mb_per_minute: What it may send.
        on_this_machine: Whether clients on this machine are limited too.
    """

    rate: int
    burst: int
    concurrent: int
    mb_per_minute: int
    on_this_machine: bool


class ClientLimits:
    """Answers 429 with `Retry-After` where a client asks for more than `limits` allow.

    Each is known by its address; behind one address of an office all are one client.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limits = app, limits
        self._questions = Buckets(limits.rate, limits.burst)
        self._requests = Buckets(limits.rate * _GENEROUS, limits.burst * _GENEROUS)
        self._bytes = Buckets(limits.mb_per_minute * 2**20 / 60, limits.mb_per_minute * 2**20)
        self._open: Counter[tuple[str, bool]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        if not client and not self._limits.on_this_machine:
            await self._app(scope, receive, send)
            return
        cost = _cost(scope)
        error = self._error(client, cost, scope)
        if error:
            await refuse(error, scope, receive, send)
            return
        await self._counted(client, cost > 0, scope, receive, send)

    def _error(self, client: str, cost: int, scope: Scope) -> LightboxError | None:
        if self._open[client, True] >= self._limits.concurrent and cost:
            return _too_many(1)
        if self._open[client, False] >= _MAX_OPEN:
            return _too_many(1)
        wait = self._bytes.take(client, 0) or self._requests.take(client)
        wait = wait or (self._questions.take(client, cost) if cost else 0)
        return _too_many(wait) if wait else None

    async def _counted(
        self, client: str, question: bool, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async def weighed() -> Message:
            while wait := self._bytes.take(client, 0):  # what has begun goes on, more slowly
                await asyncio.sleep(wait)
            message = await receive()
            size = len(message.get("body") or message.get("bytes") or b"")
            if size:
                self._bytes.charge(client, size)
            return message

        kinds = (False, True) if question and scope["type"] == "http" else (False,)
        self._open.update((client, kind) for kind in kinds)
        try:
            await self._app(scope, weighed, send)
        finally:
            for kind in kinds:
                self._open[client, kind] -= 1
                if not self._open[client, kind]:
                    del self._open[client, kind]


def _cost(scope: Scope) -> int:
    if scope["type"] == "websocket":
        return int(scope["path"] == _SESSION)
    if scope["method"] != "POST" or not _QUESTION.match(scope["path"]):
        return 0
    return _BATCH_COST if scope["path"] == _BATCH else 1


def _too_many(wait_s: float) -> TooManyRequests:
    seconds = max(1, math.ceil(wait_s))
    error = TooManyRequests(
        "You ask for more than one visitor may. Try again in {seconds} s.", seconds=seconds
    )
    error.retry_after_s = seconds
    return error
