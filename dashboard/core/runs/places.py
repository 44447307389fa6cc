"""Places in the queue: numbers that are drawn, not times, since clocks jump."""

from __future__ import annotations

from dashboard.core.atomic import disk_errors, exclusive
from dashboard.core.settings import settings


def next_place() -> str:
    """Return a place behind all that were drawn before, for the tag `queue`.

    Raises:
        DiskFull: There is no room for one more byte.
    """
    drawn = settings().runs / "places"  # one byte each: nothing in it can be torn
    with disk_errors():
        drawn.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(drawn), drawn.open("ab") as file:
            file.write(b".")
            return str(file.tell())
