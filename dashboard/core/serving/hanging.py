"""Ends an engine that hangs, so that another one takes its place."""

from __future__ import annotations

import asyncio
import faulthandler
from collections.abc import Callable

PATIENCE_S = 20.0
"""How long after its deadline a call may still come back; whoever asked has been told by then."""

_LOOK_S = 1.0


async def end_if_hanging(overdue: Callable[[], bool]) -> None:
    """Keep this process from ending as long as it is well; the log gets the stacks of a sick one.

    The timer needs neither our event loop nor Python's lock, so it also ends a process whose
    native code has got hold of them.

    Args:
        overdue: Whether something takes longer than it may.
    """
    try:
        while True:
            if not overdue():
                faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
            await asyncio.sleep(_LOOK_S)
    finally:
        faulthandler.cancel_dump_traceback_later()
