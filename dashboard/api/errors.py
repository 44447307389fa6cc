"""The one form of every error: in answers, and in the documentation."""

from __future__ import annotations

import logging
import re
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection

from dashboard.core.errors import CLIENT_LEFT, LightboxError, TooManyRequests, Unavailable
from dashboard.core.log import report
from dashboard.core.shortage import shortage

_LOG = logging.getLogger(__name__)

_WHOLE_NUMBER = "must be a whole number"
_RULES = {
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER,
    "int_type": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "greater_than_equal": "must be ≥ {ge}",
    "less_than_equal": "must be ≤ {le}",
    "less_than": "must be < {lt}",
    "string_too_long": "may have up to {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_long": "may have up to {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "literal_error": "must be {expected}",
    "string_type": "must be a text",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "greater_than": "must be > {gt}",
    "extra_forbidden": "is not known here",
}
"""What Pydantic found wrong → the rule, with its figures."""

_TOO_MUCH = ("Too many", "Part exceeded", "Field exceeded")
"""How the details begin of forms over the limits of Starlette's reader."""


class ErrorDetail(BaseModel):
    """What was wrong."""

    code: str = Field(description="Short and stable, for programs.")
    message: str = Field(description="One plain sentence, for people.")
    request_id: str = Field(description="As in the header X-Request-ID and in the log.")


class ErrorOut(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorDetail


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "model": ErrorOut,
        "description": "400 malformed, 403 not allowed here, 404 not found, 405 other method, "
        "409 in another state, 413 too large, 415 not a kind of file that is read, 422 not usable, "
        "429 asked too often: try again after Retry-After seconds.",
    },
    "5XX": {
        "model": ErrorOut,
        "description": "500 unexpected, 503 busy or starting: try again after Retry-After seconds, "
        "504 took too long, 507 disk full.",
    },
}
"""Of every route."""


def handle_errors(api: FastAPI) -> None:
    """Let `api` answer every error in the one form."""
    api.add_exception_handler(LightboxError, _lightbox_error)
    api.add_exception_handler(RequestValidationError, _invalid_request)
    api.add_exception_handler(ClientDisconnect, _gone)
    api.add_exception_handler(HTTPException, _http_error)
    for kind in (OSError, RuntimeError, MemoryError):
        api.add_exception_handler(kind, _perhaps_short)
    api.add_exception_handler(Exception, _unexpected)


def _body(
    request: HTTPConnection, status: int, code: str, message: str, **headers: str
) -> JSONResponse:
    request_id = request.scope.get("state", {}).get("request_id", "")
    error = {"code": code, "message": printable(message), "request_id": request_id}
    return JSONResponse({"error": error}, status, headers=headers)


def error_answer(request: HTTPConnection, error: LightboxError) -> JSONResponse:
    """Answer `request` with `error` in the one form."""
    return _body(request, error.status, error.code, str(error), **retry_after(error))


def retry_after(error: LightboxError) -> dict[str, str]:
    """Return the header of errors that pass by themselves; else none."""
    passes = isinstance(error, TooManyRequests | Unavailable)
    return {"Retry-After": str(error.retry_after_s)} if passes else {}


def _lightbox_error(request: Request, error: Any) -> JSONResponse:
    return error_answer(request, error)


def printable(message: str) -> str:
    """Return `message` without the halves of characters that JSON can hold and UTF-8 cannot."""
    return message.encode("utf-8", "replace").decode()


def broken_rule(first: Any, field: str) -> str:
    """Return what Pydantic found wrong with a field as one plain sentence.

    Args:
        first: Of the list of its findings.
        field: Name of the field.
    """
    field = field[:80]
    if first["type"] == "missing":
        return f"The field `{field}` is missing."
    if first["type"] in _RULES:
        return f"The field `{field}` {_RULES[first['type']].format(**first.get('ctx', {}))}."
    return f"The field `{field}` is not of the expected kind; see /api/docs."


def _perhaps_short(request: Request, error: Any) -> JSONResponse:
    short = shortage(error)
    if short is None:
        raise error
    _LOG.warning("short of something: %s", error)
    return _lightbox_error(request, short)


def _invalid_request(request: Request, error: Any) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    malformed = first["type"] == "json_invalid"
    message = "The body is not valid JSON." if malformed else broken_rule(first, field)
    return _body(request, 422, "invalid_request", message)


def _http_error(request: Request, error: Any) -> JSONResponse:
    sentence = {404: "There is nothing at this address.", 405: "This address takes other methods."}
    message = sentence.get(error.status_code, f"{str(error.detail).rstrip('.')}.")
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else {}
    status = 413 if message.startswith(_TOO_MUCH) else error.status_code
    return _body(request, status, f"http_{status}", message, **headers)


def _allowed(request: Request) -> str:
    """Return the methods of an address, which Starlette tells of the first of its routes only."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    found: set[str] = set()
    for template, operations in request.app.openapi()["paths"].items():
        pattern = re.sub(r"\\{.*?\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            found.update(method.upper() for method in operations)
    return ", ".join(sorted(found))


def _gone(request: Request, error: Any) -> Response:
    return Response(status_code=CLIENT_LEFT)  # nobody reads it


def _unexpected(request: Request, error: Any) -> JSONResponse:
    request_id = report(_LOG, "unexpected error", error)
    message = f"Something failed on our side. Its reference is {request_id}."
    # Starlette sends this answer past our middleware.
    return _body(request, 500, "internal", message, **{"X-Request-ID": request_id})
