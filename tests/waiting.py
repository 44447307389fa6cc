"""Waiting for what another thread, process or browser does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def wait_for(ask: Callable[[], Answer], seconds: float = 60) -> Answer:
    """Ask until the answer is true, and return it.

    `seconds` only keeps a fault from hanging: it is far beyond what a busy machine takes.
    """
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} s"
        time.sleep(0.05)
    return answer
