"""One training run in one process: `python -m dashboard.worker RUN_ID`."""

from __future__ import annotations

import logging
import os
import sys

from dashboard.core.errors import Conflict, LightboxError
from dashboard.core.training.execute import execute

_NICE = 10


def main() -> int:
    """Work off the run named on the command line; 0 when it ended as recorded."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.nice(_NICE)  # answering visitors goes before training
    try:
        execute(sys.argv[1])
    except Conflict:
        return 3
    except LightboxError as error:
        logging.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
