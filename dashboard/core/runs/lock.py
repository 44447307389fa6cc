"""Whether a run's worker is alive: it holds a file lock that dies with it.

A process id could be reused by another process; a lock cannot be held by a dead one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from dashboard.core.errors import Conflict


def hold(path: Path, what: str) -> AbstractContextManager[None]:
    """Hold the lock at `path` for the length of the block; `Conflict` if somebody has it.

    Args:
        path: Lock file, made if absent.
        what: What is locked, named in the error.
    """
    taken = Conflict("{what} is already in use by another process.", code="locked", what=what)
    return sole(path, taken)


@contextmanager
def sole(path: Path, taken: Conflict) -> Iterator[None]:
    """As `hold`, with an error of its own for who comes second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise taken from error
        yield
    finally:
        os.close(descriptor)


def held(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    try:
        with hold(path, ""):
            return False
    except Conflict:
        return True
