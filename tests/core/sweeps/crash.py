"""A driver that is killed before a write: `python -m tests.core.sweeps.crash WRITES FILE`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard.core.runs import store, tracking
from dashboard.core.sweeps.driver import Driver

WRITES = ("create_run", "log_batch", "update_run", "set_terminated", "delete_run")


def main() -> None:
    left = int(sys.argv[1])

    def dying(write: Callable[..., Any]) -> Callable[..., Any]:
        def count(*args: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return write(*args, **more)

        return count

    with store.answering() as client:
        for name in WRITES:
            setattr(client, name, dying(getattr(client, name)))
    tracking.write_bytes = dying(tracking.write_bytes)  # the recipe, in the middle of a new run
    driver = Driver()
    for _ in range(3):
        driver.look()
    Path(sys.argv[2]).touch()


if __name__ == "__main__":
    main()
