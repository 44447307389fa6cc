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
from starlette.requests import ClientDisconnect

from dashboard.core.errors import LightboxError, Unavailable
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
        "409 in another state, 413 too large, 415 not a kind of file that is read, 422 not usable.",
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


def _body(request: Request, status: int, code: str, message: str, **headers: str) -> JSONResponse:
    request_id = request.scope.get("state", {}).get("request_id", "")
    printable = message.encode("utf-8", "replace").decode()  # JSON can hold half a character
    error = {"code": code, "message": printable, "request_id": request_id}
    return JSONResponse({"error": error}, status, headers=headers)


def _lightbox_error(request: Request, error: Any) -> JSONResponse:
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, Unavailable) else {}
    return _body(request, error.status, error.code, str(error), **headers)


def _perhaps_short(request: Request, error: Any) -> JSONResponse:
    short = shortage(error)
    if short is None:
        raise error
    _LOG.warning("short of something: %s", error)
    return _lightbox_error(request, short)


def _invalid_request(request: Request, error: Any) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:])[:80] or "body"
    if first["type"] == "json_invalid":
        message = "The body is not valid JSON."
    elif first["type"] == "missing":
        message = f"The field `{field}` is missing."
    elif first["type"] in _RULES:
        message = f"The field `{field}` {_RULES[first['type']].format(**first.get('ctx', {}))}."
    else:
        message = f"The field `{field}` is not of the expected kind; see /api/docs."
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
    return Response(status_code=499)  # nobody reads it


def _unexpected(request: Request, error: Any) -> JSONResponse:
    request_id = request.scope.get("state", {}).get("request_id", "")
    _LOG.exception("unexpected error [%s]", request_id, exc_info=error)
    message = f"Something failed on our side. Its reference is {request_id}."
    # Starlette sends this answer past our middleware.
    return _body(request, 500, "internal", message, **{"X-Request-ID": request_id})
