"""Makes Pillow's PNG reader faulty in every process that has this folder in its PYTHONPATH.

What a picture does to it is in its comment `fault`.
"""

import ctypes
import os
import time
from typing import Any

from PIL.PngImagePlugin import PngImageFile

_FAULTS = {
    "crashes": os.abort,
    "hangs": lambda: time.sleep(1000),
    "hangs with Python's lock": lambda: ctypes.PyDLL(None).sleep(1000),
}

_prepare = PngImageFile.load_prepare


def _faulty(self: Any) -> None:
    _FAULTS.get(self.info.get("fault", ""), lambda: None)()
    _prepare(self)


PngImageFile.load_prepare = _faulty  # type: ignore[method-assign]
