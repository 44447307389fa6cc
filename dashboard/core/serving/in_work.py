"""What the engine works on just now, written down where its successor finds it.

A native library that crashes takes the engine down with everybody's pictures; the one that did it
must not do it again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboard.core.atomic import write_bytes
from dashboard.core.errors import InvalidInput, Unavailable

MAX_REMEMBERED = 1000
"""Most pictures that are refused; the oldest are forgotten, and so are all when the system's
temporary folder is emptied."""

_N_SLOTS, _N_BYTES = 128, 32
_EMPTY = bytes(_N_BYTES)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Work:
    digest: bytes
    end_s: float


class InWork:
    """Keeps a journal of the pictures in work, and judges those that an engine died of.

    Whatever was in work when an engine died is suspected, and suspects are worked on one at a
    time. The one in work at the next death is refused from then on; who gets through is suspected
    no longer. So nobody is refused for having been there at the wrong moment.

    Args:
        folder: Where to remember. One process at a time may use it.
    """

    def __init__(self, folder: Path) -> None:
        self._works: dict[int, _Work] = {}
        self._lock = threading.Lock()
        self._path = folder / "judged.json"
        self._suspected, self._refused = _read(self._path)
        journal = folder / "in-work"
        died_of = _journal(journal)
        if guilty := died_of & self._suspected:
            self._refused = [*self._refused, *guilty][-MAX_REMEMBERED:]
            self._suspected -= guilty
            logger.error("Refused from now on, as the engine died of them twice: %s.", len(guilty))
        else:
            self._suspected |= died_of
        if died_of:
            self._save()
        journal.write_bytes(_EMPTY * _N_SLOTS)  # all of it, so that no disk is full later
        self._descriptor = os.open(journal, os.O_WRONLY)

    @contextmanager
    def working(self, content: bytes | None, most_s: float) -> Iterator[None]:
        """Let it be known that this process works on a picture.

        Args:
            content: The file, or None where there is none that could be to blame.
            most_s: How long it may take; see `overdue`.

        Raises:
            InvalidInput: The engine has died of it before (`quarantined`).
            Unavailable: It is suspected, and another suspect is in work (`engine_busy`).
        """
        digest = hashlib.sha256(content).digest() if content is not None else _EMPTY
        slot = self._begin(_Work(digest, time.monotonic() + most_s))
        try:
            yield
        finally:
            self._end(slot)

    def overdue(self) -> bool:
        """Whether something takes longer than it may."""
        now = time.monotonic()
        with self._lock:
            return any(work.end_s < now for work in self._works.values())

    def close(self) -> None:
        """Let the successor suspect nothing: this process ends on purpose."""
        with self._lock:
            for slot in self._works:
                self._write(slot, _EMPTY)

    def _begin(self, work: _Work) -> int:
        with self._lock:
            if work.digest in self._refused:
                raise InvalidInput(
                    "The classifier has failed twice while it read this picture, so it does not "
                    "read it again. Save it anew in another format, such as PNG.",
                    code="quarantined",
                )
            if work.digest != _EMPTY and self._must_wait(work.digest):
                raise Unavailable(
                    "The classifier is busy. Try again in a few seconds.", code="engine_busy"
                )
            slot = next(free for free in range(_N_SLOTS) if free not in self._works)
            self._works[slot] = work
            self._write(slot, work.digest)
            return slot

    def _must_wait(self, digest: bytes) -> bool:
        now, works = time.monotonic(), self._works.values()
        if any(work.digest == digest and work.end_s < now for work in works):
            return True  # the same picture once more, while the first hangs
        return digest in self._suspected and any(work.digest in self._suspected for work in works)

    def _end(self, slot: int) -> None:
        with self._lock:
            digest = self._works.pop(slot).digest
            self._write(slot, _EMPTY)
            if digest in self._suspected:
                self._suspected.discard(digest)
                self._save()

    def _write(self, slot: int, digest: bytes) -> None:
        # A write outlives the process that made it; only a power cut would take it along.
        os.pwrite(self._descriptor, digest, slot * _N_BYTES)

    def _save(self) -> None:
        judged = {
            "suspected": [digest.hex() for digest in self._suspected],
            "refused": [digest.hex() for digest in self._refused],
        }
        with contextlib.suppress(OSError):  # a full disk: this process remembers all the same
            write_bytes(self._path, json.dumps(judged).encode())


def _read(path: Path) -> tuple[set[bytes], list[bytes]]:
    try:
        judged = json.loads(path.read_bytes())
        suspected, refused = (
            [bytes.fromhex(digest) for digest in judged[key]] for key in ("suspected", "refused")
        )
    except (OSError, ValueError, KeyError, TypeError):
        return set(), []
    return set(suspected), refused


def _journal(path: Path) -> set[bytes]:
    content = path.read_bytes() if path.exists() else b""
    digests = {content[i : i + _N_BYTES] for i in range(0, len(content), _N_BYTES)}
    return {digest for digest in digests if len(digest) == _N_BYTES and digest != _EMPTY}
