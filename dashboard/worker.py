"""One training run in one process: `python -m dashboard.worker RUN_ID`."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any

from dashboard.core.errors import Conflict, LightboxError
from dashboard.core.training.execute import execute
from dashboard.core.training.observer import Halted, Request

_NICE = 10


class _Terminated:
    """An observer that asks the run to keep its position once this process is told to end."""

    def __init__(self) -> None:
        self._request: Request = ""
        signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_: Any) -> None:
        self._request = "interrupt"

    def stage(self, name: str, done: int = 0, total: int = 0) -> None: ...

    def plan(self, epochs: int, steps_per_epoch: int) -> None: ...

    def metrics(self, step: int, values: dict[str, float]) -> None: ...

    def request(self) -> Request:
        return self._request


def main() -> int:
    """Work off the run named on the command line; 0 when it ended as recorded."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.nice(_NICE)  # answering visitors goes before training
    try:
        execute(sys.argv[1], _Terminated())
    except Halted:
        return 0
    except Conflict:
        return 3
    except LightboxError as error:
        logging.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
