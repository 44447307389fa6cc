"""What the system says when it runs short, and passes by."""

from __future__ import annotations

import errno

from dashboard.core.errors import Unavailable

_SHORT = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)


def shortage(error: BaseException) -> Unavailable | None:
    """Return what to tell where `error` is a lack of file descriptors, threads or memory."""
    out_of_threads = isinstance(error, RuntimeError) and "start new thread" in str(error)
    short = isinstance(error, OSError) and error.errno in _SHORT
    if not (short or out_of_threads or isinstance(error, MemoryError)):
        return None
    return Unavailable(
        "This machine is short of memory, threads or files just now. Try again in a few seconds.",
        code="out_of_resources",
    )
