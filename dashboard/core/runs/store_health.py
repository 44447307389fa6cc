"""The database of the runs as a file: damaged, or not ours to write."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from contextlib import closing

from dashboard.core.images import Note
from dashboard.core.runs import store_errors
from dashboard.core.text import mark

_DAMAGED = ".damaged-"
_LOG = logging.getLogger(__name__)


def set_aside_if_damaged() -> None:
    """Make room for a new store where the database cannot be read; the file is kept.

    Reads it whole (0.3 s for 100 MB); for the start, before anybody has opened it.
    """
    path = store_errors.database()
    if not path or not path.is_file():
        return
    try:
        with closing(sqlite3.connect(path)) as connection:
            healthy = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        if store_errors.sqlite_kind(error) not in ("CORRUPT", "NOTADB"):
            return  # such as locked: whoever uses it is told
        healthy = False
    if healthy:
        return
    target = path.with_name(f"{path.name}{_DAMAGED}{time.strftime('%Y%m%d-%H%M%S')}")
    _LOG.error("the store %s is damaged; it is kept as %s", path, target)
    for end in ("-wal", "-shm", ""):  # the main file last: until then this can be done again
        part = path.with_name(path.name + end)
        if part.exists():
            part.rename(target.with_name(target.name + end))


def store_notes() -> list[Note]:
    """Return what those who look at runs should know about their store."""
    path = store_errors.database()
    if not path:
        return []
    damaged = mark(
        "The store of earlier runs was damaged and has been set aside as {file}; runs before then "
        "are not listed. Published models are unharmed. Delete that file when it is of no more use."
    )
    found = [
        Note("store_damaged", damaged, {"file": aside.name})
        for aside in sorted(path.parent.glob(f"{path.name}{_DAMAGED}*[0-9]"))
    ]
    if path.exists() and not os.access(path, os.W_OK):
        read_only = store_errors.read_only()
        found.append(Note(read_only.code, read_only.template, read_only.values))
    return found
