"""How a guard says no: in the form that each face understands."""

from __future__ import annotations

import secrets
from html import escape
from string import Template

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from dashboard.api.errors import error_answer, retry_after
from dashboard.core.errors import LightboxError
from dashboard.core.settings import REPOSITORY
from dashboard.core.text import LANGUAGES, best_language, explain_error

_PAGE = Template((REPOSITORY / "assets" / "refusal.html").read_text(encoding="utf-8"))


async def refuse(error: LightboxError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request or the opening of a WebSocket with `error`."""
    answer = _answer(HTTPConnection(scope), error)
    if scope["type"] == "websocket" and "websocket.http.response" not in scope["extensions"]:
        await send({"type": "websocket.close", "code": 1013})
        return
    await answer(scope, receive, send)


def _answer(request: HTTPConnection, error: LightboxError) -> Response:
    path = request.scope["path"]
    if path.startswith(("/api/", "/mcp")):
        request_id = request.scope.setdefault("state", {}).setdefault(
            "request_id", secrets.token_hex(8)
        )
        answer: Response = error_answer(request, error)
        answer.headers["X-Request-ID"] = request_id
        return answer
    language, headers = _language(request), retry_after(error)
    sentence = explain_error(error, language)
    if "/gradio_api/" in path:  # the widget shows what stands in this field
        return JSONResponse({"detail": sentence}, error.status, headers)
    if "text/html" in request.headers.get("accept", ""):
        page = _PAGE.substitute(language=language, sentence=escape(sentence))
        return HTMLResponse(page, error.status, headers)
    return PlainTextResponse(sentence, error.status, headers)


def _language(request: HTTPConnection) -> str:
    folder = request.scope["path"].removeprefix("/classify/").split("/")[0]
    for chosen in (folder, request.query_params.get("lang", "")):
        if chosen in LANGUAGES:
            return str(chosen)
    return best_language(request.headers.get("accept-language"))
