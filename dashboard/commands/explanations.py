"""The explanations that the command line leaves in a folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from dashboard.core.atomic import write_bytes
from dashboard.core.data.sources import distinct
from dashboard.core.explain.overlay import overlay
from dashboard.core.serving.answers import Answer

_OPACITY = 0.5
_LONGEST = 60
"""Characters of a picture's name that are kept, so that the new one fits in 255 bytes."""


class Explanations:
    """Pictures under their heat maps, each in a file of its own.

    Args:
        folder: Where; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()

    def save(self, name: str, answer: Answer) -> str | None:
        """Write the explanation of the picture `name` and return its path; None if it has none.

        Only the last part of the name is used, so that none leads out of the folder.
        """
        found = answer.explanation
        if found is None:
            return None
        stem = PurePosixPath(name).stem[:_LONGEST].replace("\0", "")
        file = distinct(f"{stem}.{found.method}.png", self._taken)
        self._taken.add(file)
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / file
        write_bytes(path, overlay(found.image_png, found.heatmap_png, _OPACITY))
        return str(path)
