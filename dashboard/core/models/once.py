"""A bounded cache whose entries are made once, however many threads ask at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass
class _Entry(Generic[Value]):
    lock: threading.Lock = field(default_factory=threading.Lock)
    values: list[Value] = field(default_factory=list)


class OnceCache(Generic[Value]):
    """Keeps the `max_entries` entries used last.

    While an entry is made, only those who ask for the same key wait. If making it fails, the
    error goes to the one who tried and the next one tries again.

    Args:
        max_entries: How many to keep.
    """

    def __init__(self, max_entries: int) -> None:
        self.max_entries = max_entries
        self._entries: OrderedDict[Hashable, _Entry[Value]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of `key`, made with `make` if it is not there."""
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > self.max_entries:
                self._entries.popitem(last=False)
        with entry.lock:
            if not entry.values:
                entry.values.append(make())
            return entry.values[0]

    def __contains__(self, key: Hashable) -> bool:
        """Whether the value of `key` has been made and kept."""
        with self._lock:
            entry = self._entries.get(key)
        return entry is not None and bool(entry.values)
