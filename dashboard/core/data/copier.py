"""A process that copies files, driven over its pipes; it ends with the one that started it.

Not `multiprocessing`: its processes begin by running the program's main module again, which inside
Streamlit is the page that is being drawn.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from dashboard.core.data.copies import Copied, File, copy_files
from dashboard.core.errors import Unavailable
from dashboard.core.settings import REPOSITORY


class Copier:
    """One such process. Not for several threads at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dashboard.core.data.copier"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
        )

    def copy(self, files: Sequence[File], folder: Path, row: int) -> Copied:
        """Return `copy_files(files, folder, row)`, computed there; raises what it raised.

        Raises:
            Unavailable: The process died (`import_died`).
        """
        assert self._process.stdin
        assert self._process.stdout
        try:
            _send(self._process.stdin, (files, folder, row))
            answer = pickle.load(self._process.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            raise Unavailable(
                "The import was broken off: one of its processes ended, perhaps for lack of "
                "memory. Try again, or import a part.",
                code="import_died",
            ) from None
        if isinstance(answer, Exception):
            raise answer
        found: Copied = answer
        return found

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def _send(pipe: IO[bytes], thing: object) -> None:
    pickle.dump(thing, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def main() -> None:
    """Answer until there are no more questions."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get among the answers
    while True:
        try:
            question = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            _send(answers, copy_files(*question))
        except Exception as error:
            _send(answers, error)


if __name__ == "__main__":
    main()
