"""One training run in one process: `python -m dashboard.worker RUN_ID`."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from dashboard.core.errors import Conflict, LightboxError, Unavailable
from dashboard.core.training.execute import execute
from dashboard.core.training.observer import Halted

_NICE = 10
_FIRST_TO_GO = "500"
"""Of 1000: where memory runs out, Linux ends this process and not the pages or the engine."""


def main() -> NoReturn:
    """Work off the run named on the command line; exit status 0 when it ended as recorded."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.nice(_NICE)  # answering visitors goes before training
    with suppress(OSError):  # only Linux has it
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
    try:
        execute(sys.argv[1])
    except Halted:
        _leave(0)
    except Conflict:
        _leave(3)
    except Unavailable as error:
        logging.error("%s", error)
        _leave(os.EX_TEMPFAIL)
    except LightboxError as error:
        logging.error("%s", error)
        _leave(1)
    _leave(0)


def _leave(status: int) -> NoReturn:
    """End now: TensorFlow takes itself apart for 5 to 15 s, and everything is recorded."""
    logging.shutdown()
    os._exit(status)


if __name__ == "__main__":
    main()
