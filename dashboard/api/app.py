"""The REST application, mounted at `/api`: routes, error form, request ids, interactive docs."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api import (
    classify,
    datasets,
    feedback,
    health,
    model_imports,
    models,
    runs,
    sweeps,
    versions,
)
from dashboard.api.errors import RESPONSES, handle_errors
from dashboard.core.log import HEADER, begin_request


class RequestId:
    """Gives every request an id, in the log and in the `X-Request-ID` header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        if "request_id" not in state:  # else `Observed` has given it
            state["request_id"] = begin_request()
        request_id = state["request_id"]

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    (HEADER.lower().encode(), request_id.encode()),
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
        responses=RESPONSES,
    )
    api.state.starting = False
    routers = (
        health,
        classify,
        feedback,
        models,
        model_imports,
        datasets,
        versions,
        runs,
        sweeps,
    )
    for routes in routers:
        api.include_router(routes.router, prefix="/v1")
    api.add_middleware(RequestId)
    handle_errors(api)
    return api
