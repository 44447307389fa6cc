"""One training run in one process: `python -m dashboard.worker RUN_ID`."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from dashboard.core.errors import Conflict, LightboxError, Unavailable
from dashboard.core.training.execute import execute
from dashboard.core.training.observer import Halted

_NICE = 10
_FIRST_TO_GO = "500"
"""Of 1000: where memory runs out, Linux ends this process and not the pages or the engine."""


def main() -> int:
    """Work off the run named on the command line; 0 when it ended as recorded."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.nice(_NICE)  # answering visitors goes before training
    with suppress(OSError):  # only Linux has it
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
    try:
        execute(sys.argv[1])
    except Halted:
        return 0
    except Conflict:
        return 3
    except Unavailable as error:
        logging.error("%s", error)
        return os.EX_TEMPFAIL
    except LightboxError as error:
        logging.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
