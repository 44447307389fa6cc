"""What the processes of Lightbox hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.server import Lightbox


@dataclass(frozen=True)
class Held:
    """Of web and engine together.

    Attributes:
        rss_mb: Resident memory.
        descriptors: Open files and sockets.
        threads: Threads.
        temporary: Bytes in its temporary folder, and in files without a name.
    """

    rss_mb: float
    descriptors: int
    threads: int
    temporary: int

    def __str__(self) -> str:
        return (
            f"{self.rss_mb:.0f} MB, {self.descriptors} descriptors, {self.threads} threads, "
            f"{self.temporary} bytes of temporary files"
        )


def held(lightbox: Lightbox, temporary: Path) -> Held:
    """Look at a running Lightbox and its temporary folder."""
    assert lightbox.process
    processes = [psutil.Process(pid) for pid in (lightbox.process.pid, lightbox.engine_pid)]
    files = [path for path in temporary.rglob("*") if path.is_file()]
    return Held(
        rss_mb=sum(process.memory_info().rss for process in processes) / 2**20,
        descriptors=sum(process.num_fds() for process in processes),
        threads=sum(process.num_threads() for process in processes),
        temporary=sum(path.stat().st_size for path in files) + len(lightbox.temporary_files()),
    )
