"""Why a run failed, told to people: the one place that turns an exception into a reason."""

from __future__ import annotations

import errno
import logging

from dashboard.core.errors import DiskFull, LightboxError, NotFound
from dashboard.core.log import report
from dashboard.core.settings import settings

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LOG = logging.getLogger(__name__)


def reason_of(error: BaseException) -> LightboxError:
    """Return what to tell of `error`; what nobody expected is logged under a reference."""
    if isinstance(error, DiskFull) and isinstance(error.__cause__, OSError):
        error = error.__cause__  # a run can say more of it than the write that failed
    if isinstance(error, LightboxError):
        return error
    if _out_of_memory(error):
        return LightboxError(
            "The machine ran out of memory. Halve the batch size or choose a smaller image size.",
            code="out_of_memory",
        )
    if isinstance(error, OSError):
        # HDF5 has the number in its text only.
        if error.errno in _FULL or any(f"errno = {number}," in str(error) for number in _FULL):
            return DiskFull(
                "The disk is full, so the run could not go on. Free some space, then resume it or "
                "start it anew."
            )
        # Arrow's has no file name beside its text.
        if isinstance(error, FileNotFoundError) and str(settings().datasets) in str(error):
            return NotFound(
                "Images of the data set are gone: it was deleted or moved while the run worked. "
                "Import it again and start anew.",
                code="dataset_gone",
            )
    reference = report(_LOG, "run failed", error)
    return LightboxError(
        "The training failed unexpectedly. The details are in the run's log under {reference}.",
        code="failed",
        reference=reference,
    )


def _out_of_memory(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    if isinstance(error, ImportError):  # where a library finds no room, the loader has words only
        return any(words in str(error) for words in ("failed to map", "annot allocate memory"))
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
