"""Whether a picture is the only one in work here, so that all cores may work for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Company:
    """Counts what is in work; safe to use from several threads."""

    def __init__(self) -> None:
        self._n, self._lock = 0, threading.Lock()

    @property
    def alone(self) -> bool:
        """Whether no more than one thing is in work."""
        return self._n <= 1

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Be in work."""
        with self._lock:
            self._n += 1
        try:
            yield
        finally:
            with self._lock:
                self._n -= 1


company = Company()
"""That of this process: it is its cores that are shared."""
