"""Work in threads with a bounded queue and a deadline."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from dashboard.core.errors import DeadlineExceeded, Unavailable

LATEST_START = 0.5
"""Share of the time allowed that may be spent waiting: who begins later would seldom finish."""

Result = TypeVar("Result")

MAX_QUEUED = 16
"""Pictures that may wait for a thread: at 10 ms each, none waits for long."""


class Lane:
    """A thread pool that refuses rather than lets a queue grow.

    Args:
        threads: How many things run at the same time.
        limit: How many may wait for a thread.
    """

    def __init__(self, threads: int, limit: int) -> None:
        self._pool = ThreadPoolExecutor(threads)
        self._capacity = threads + limit
        self._held = 0
        self._refused = 0
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """How many things run or wait."""
        return self._held

    @property
    def refused(self) -> int:
        """How many have been refused since the start."""
        return self._refused

    async def run(self, work: Callable[[], Result], deadline_s: float) -> Result:
        """Run `work` in a thread.

        Raises:
            Unavailable: The queue is full; raised at once, or when the turn comes too late to
                finish in time.
            DeadlineExceeded: No result `deadline_s` seconds from now. Work that waits is dropped;
                work that runs cannot be stopped and keeps its place until it ends.
        """
        self._take()
        latest = time.monotonic() + LATEST_START * deadline_s

        def in_time() -> Result:
            if time.monotonic() > latest:
                raise self._busy()
            return work()

        # With the id of the request, for the log.
        future = self._pool.submit(contextvars.copy_context().run, in_time)
        future.add_done_callback(self._free)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), deadline_s)
        except TimeoutError:
            raise DeadlineExceeded(
                "The classifier did not answer within {seconds} seconds. Try again later.",
                seconds=round(deadline_s),
            ) from None

    def _take(self) -> None:
        with self._lock:
            if self._held >= self._capacity:
                raise self._busy()
            self._held += 1

    def _busy(self) -> Unavailable:
        self._refused += 1
        return Unavailable(
            "The classifier is busy: {waiting} images are waiting. Try again in a few seconds.",
            code="queue_full",
            waiting=self._held,
        )

    def _free(self, future: Future[Any]) -> None:
        with self._lock:
            self._held -= 1
