"""HTTP that hangs up on clients who keep a connection and hardly use it."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

INTERVAL_S = 5.0
"""How often each connection is looked at. A head has to be whole after one to two of them."""

MIN_BYTES = 2500
"""What a client has to send of a body, or take of an answer, in one: 500 bytes per second,
a hundredth of a slow telephone. Apache's `mod_reqtimeout` asks for the same."""


class _Seen(NamedTuple):
    """How far a connection had come.

    Attributes:
        request: The latest one, whose head was whole.
        waits_for: `h11.IDLE` (a head), `h11.SEND_BODY`, or nothing that the client owes us.
        received: Bytes since the connection was made.
        unsent: Bytes of the answer that the client has yet to take; None while it keeps up.
        stalls: How often it did not keep up.
    """

    request: Any
    waits_for: Any
    received: int
    unsent: int | None
    stalls: int


class ImpatientProtocol(H11Protocol):
    """Uvicorn has no limits of time for heads, bodies and answers that trickle; this adds them.

    No middleware could: an application hears of a request when its head is whole.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._received = self._stalls = 0
        self._seen = self._look()
        self._timer = self.loop.call_later(INTERVAL_S, self._tick)

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._timer.cancel()  # from here on Uvicorn sends pings
        super().handle_websocket_upgrade(event)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)

    def pause_writing(self) -> None:
        self._stalls += 1
        super().pause_writing()

    def _look(self) -> _Seen:
        waits_for = self.conn.their_state
        # Where we do not read, or have not said “100 Continue”, the client owes us nothing.
        if self.flow.read_paused or self.conn.they_are_waiting_for_100_continue:
            waits_for = None
        unsent = self.transport.get_write_buffer_size() if self.flow.write_paused else None
        return _Seen(self.cycle, waits_for, self._received, unsent, self._stalls)

    def _tick(self) -> None:
        before, self._seen = self._seen, self._look()
        if _is_too_slow(before, self._seen):
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(INTERVAL_S, self._tick)


def _is_too_slow(before: _Seen, now: _Seen) -> bool:
    if before.request is now.request and before.waits_for is now.waits_for:
        if now.waits_for is h11.IDLE:
            return True
        if now.waits_for is h11.SEND_BODY and now.received - before.received < MIN_BYTES:
            return True
    if before.unsent is None or now.unsent is None or before.stalls != now.stalls:
        return False
    return before.unsent - now.unsent < MIN_BYTES
