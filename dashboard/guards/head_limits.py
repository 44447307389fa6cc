"""No request begins with more than a browser would send."""

from __future__ import annotations

from starlette.types import Scope

from dashboard.core.errors import InvalidInput, LightboxError, TooLarge
from dashboard.core.text import mark
from dashboard.guards.refusing import Refusing

MAX_BYTES = 2**15
"""Address and headers together. h11 refuses more than 16 KB in pieces, but not in one."""

MAX_RANGES = 16
"""Parts of a file in one answer; a viewer of PDF files asks for a few."""


class _HeadTooLong(TooLarge):
    status, code = 431, "head_too_long"


class _TooManyRanges(InvalidInput):
    status, code = 416, "too_many_ranges"


class HeadLimits(Refusing):
    """Answers 431 to a head that is too long and 416 to too many ranges, before anybody looks."""

    def error(self, scope: Scope) -> LightboxError | None:
        size = len(scope["raw_path"]) + len(scope["query_string"])
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"range" and value.count(b",") >= MAX_RANGES:
                return _TooManyRanges(mark("Ask for fewer parts of the file at once."))
        return _HeadTooLong(mark("Address and headers are too long.")) if size > MAX_BYTES else None
