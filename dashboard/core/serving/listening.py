"""The Unix socket of the engine: private, and held by one engine at a time."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.core.errors import Forbidden

BACKLOG = 128


@contextmanager
def listen(path: Path) -> Iterator[socket.socket]:
    """Yield a socket that listens at `path`.

    Two Lightboxes on one home share the path: the second engine waits here until the first ends,
    and its web process meanwhile talks to the first, which serves the same models.

    Raises:
        Forbidden: Someone else owns the folder; they could answer in our place.
    """
    make_private(path.parent)
    with (path.parent / "engine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path.unlink(missing_ok=True)  # of an engine that was killed; a live one holds the lock
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.fspath(path))
            server.listen(BACKLOG)
            yield server
            path.unlink(missing_ok=True)


def make_private(folder: Path) -> None:
    """Create `folder` for us alone (0700); `Forbidden` if it is not ours."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise Forbidden(
            "The folder “{folder}” belongs to another user, so the classifier cannot use it. "
            "Remove it or set TMPDIR to another folder.",
            code="foreign_socket_folder",
            folder=str(folder),
        )
    folder.chmod(0o700)
