"""How much each client may still ask for."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MAX_CLIENTS = 20_000
"""Clients that are remembered; a forgotten one has its full allowance again."""


class Buckets:
    """A token bucket per client: it holds `burst` and is filled at `rate` per second.

    Of each only the moment at which it will be full again is kept (the "theoretical arrival
    time" of the generic cell rate algorithm, ITU-T I.371). Those seen longest ago are forgotten
    first; they are the ones most likely to be full anyway.

    Args:
        rate: What comes back per second.
        burst: What may be taken at once.
        clock: Seconds, never going back.
    """

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, client: str, cost: float = 1) -> float:
        """Take `cost`, or nothing if there is less; return the seconds until there will be enough.

        A cost above `burst` needs a full bucket.
        """
        now = self._clock()
        full_at = max(self._full_at.get(client, now), now)
        wait = full_at - now + (min(cost, self._burst) - self._burst) / self._rate
        if wait > 1e-9:  # less is rounding
            return wait
        self._remember(client, full_at + cost / self._rate)
        return 0

    def charge(self, client: str, cost: float) -> None:
        """Take `cost`, also where there is less: the next have to wait for it."""
        now = self._clock()
        self._remember(client, max(self._full_at.get(client, now), now) + cost / self._rate)

    def _remember(self, client: str, full_at: float) -> None:
        self._full_at[client] = full_at
        self._full_at.move_to_end(client)
        if len(self._full_at) > MAX_CLIENTS:
            self._full_at.popitem(last=False)
