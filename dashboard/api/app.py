"""The REST application, mounted at `/api`: routes, error form, request ids, interactive docs."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api import classify, datasets, feedback, health, models, runs, sweeps, versions
from dashboard.core.errors import LightboxError, Unavailable

_LOG = logging.getLogger(__name__)


class RequestId:
    """Gives every request an id, in the log and in the `X-Request-ID` header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        await self._app(scope, receive, send_with_id)


def create_api() -> FastAPI:
    """Build the application."""
    api = FastAPIOffline(
        redoc_url=None,
        title="Lightbox",
        description="Data sets, training runs, models and classification.",
    )
    for routes in (health, classify, feedback, models, datasets, versions, runs, sweeps):
        api.include_router(routes.router, prefix="/v1")
    api.add_middleware(RequestId)
    api.add_exception_handler(LightboxError, _lightbox_error)
    api.add_exception_handler(RequestValidationError, _invalid_request)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(Exception, _unexpected)
    return api


def _body(request: Request, status: int, code: str, message: str, **headers: str) -> JSONResponse:
    request_id = request.scope.get("state", {}).get("request_id", "")
    printable = message.encode("utf-8", "replace").decode()  # JSON can hold half a character
    error = {"code": code, "message": printable, "request_id": request_id}
    return JSONResponse({"error": error}, status, headers=headers)


def _lightbox_error(request: Request, error: Any) -> JSONResponse:
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, Unavailable) else {}
    return _body(request, error.status, error.code, str(error), **headers)


def _invalid_request(request: Request, error: Any) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    sentences = {
        "missing": f"The field `{field}` is missing.",
        "json_invalid": "The body is not valid JSON.",
    }
    message = sentences.get(
        first["type"], f"The field `{field}` is not of the expected kind; see /api/docs."
    )
    return _body(request, 422, "invalid_request", message)


def _http_error(request: Request, error: Any) -> JSONResponse:
    sentence = {404: "There is nothing at this address.", 405: "This address takes other methods."}
    message = sentence.get(error.status_code, f"{str(error.detail).rstrip('.')}.")
    headers = error.headers or {}  # such as Allow
    return _body(request, error.status_code, f"http_{error.status_code}", message, **headers)


def _unexpected(request: Request, error: Any) -> JSONResponse:
    request_id = request.scope.get("state", {}).get("request_id", "")
    _LOG.exception("unexpected error [%s]", request_id, exc_info=error)
    message = f"Something failed on our side. Its reference is {request_id}."
    # Starlette sends this answer past our middleware.
    return _body(request, 500, "internal", message, **{"X-Request-ID": request_id})
