"""The log of web and engine: one JSON object per line, on the standard error.

`{"time": "…", "level": "ERROR", "process": "engine", "event": "…", "request": "1f…", …}`. What
belongs to a request carries its id, the one in `X-Request-ID` and in what the visitor is shown.
Nothing of what a visitor sends goes into the log: no pictures, names of files, query strings or
addresses.
"""

from __future__ import annotations

import json
import logging
import secrets
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; empty outside of one."""

HEADER = "X-Request-ID"


def begin_request(known_id: str = "") -> str:
    """Give what follows in this task or thread an id, and return it."""
    begun = known_id or secrets.token_hex(8)
    request_id.set(begun)
    return begun


def report(logger: logging.Logger, event: str, error: BaseException) -> str:
    """Log what nobody expected; return the reference to show instead of it."""
    reference = request_id.get() or secrets.token_hex(4)
    logger.error("%s [%s]", event, reference, exc_info=error, extra={"request": reference})
    return reference


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON, in ASCII: nothing in it can move a terminal's cursor.

    Args:
        process: Which process speaks.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "process": self._process,
            "source": record.name,
            "event": record.getMessage(),
        }
        request = getattr(record, "request", "") or request_id.get()
        if request:
            line["request"] = request
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_json(process: str) -> None:
    """Let this process log so: its own events from INFO on, libraries' and Python's warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(process))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    logging.getLogger("dashboard").setLevel(logging.INFO)
    # It warns of every malformed form, so that anybody could fill the disk.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
