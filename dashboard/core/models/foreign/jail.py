"""Holds the process that loads a foreign model to its limits.

The limits of the operating system are the wall: memory, processor time, open files, size of what
is written. The filter of Python's audit events is only that: it refuses the network, other
programs and writing elsewhere to code that goes through Python, not to code that got loose in a
native library.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Any

from dashboard.core.models.foreign import limits

_REFUSED = {
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.gethostbyaddr", "socket.sendto", "socket.sendmsg", "subprocess.Popen", "os.system",
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn",
    "os.kill", "os.chown", "os.chmod", "os.setxattr",
}  # fmt: skip

_PATHS = {
    "os.remove": 1, "os.rmdir": 1, "os.mkdir": 1, "os.truncate": 1, "os.rename": 2, "os.link": 2,
    "os.symlink": 2,
}  # fmt: skip
"""Events that change files, and how many of their arguments are paths."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def limit() -> None:
    """Set the limits of this process; they cannot be raised again."""
    cpu = (limits.CPU_S, limits.CPU_S + 5)  # the first is a signal that tells why, the second ends
    resource.setrlimit(resource.RLIMIT_CPU, cpu)
    for kind, most in (
        (resource.RLIMIT_AS, limits.MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, limits.OPEN_FILES),
        (resource.RLIMIT_FSIZE, limits.WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def confine(folder: Path) -> list[str]:
    """Refuse, from now on, what a model has no reason to do; it cannot be undone.

    Args:
        folder: The only one to write in.

    Returns:
        The names of refused events, which grows as they happen.
    """
    root = os.path.realpath(folder)
    refused: list[str] = []

    def inside(path: Any) -> bool:
        if isinstance(path, int) or path is None:
            return True
        real = os.path.realpath(os.fsdecode(path))
        return real == os.devnull or os.path.commonpath((root, real)) == root

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = bool(flags & _WRITING) or any(sign in (mode or "") for sign in "wax+")
            allowed = not writes or inside(path)
        elif event in _PATHS:
            allowed = all(map(inside, arguments[: _PATHS[event]]))
        else:
            allowed = event not in _REFUSED
        if not allowed:
            refused.append(event)
            raise PermissionError(f"{event} is refused while a foreign model is loaded")

    sys.addaudithook(watch)
    return refused
