"""What browsers are told about every answer."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address may carry the token
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
}

_HSTS = "max-age=31536000"

_NOTHING = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For what is no page: JSON, and files of visitors, were somebody to open one as a page."""

_FACE = (
    "default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)


class SecurityHeaders:
    """Adds the headers; a policy by face, as strict as Streamlit and Gradio work with."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pages = _FACE.format(
            scripts=" ".join(["blob:", "'wasm-unsafe-eval'", *_inline_scripts()])
        )
        self._documentation = _FACE.format(scripts="'unsafe-inline'")
        # Gradio writes the configuration of each page into a script of it, and makes functions of
        # the scripts of its events.
        self._widget = _FACE.format(scripts="'unsafe-inline' 'unsafe-eval'")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = self._policy(scope["path"])
                if scope["scheme"] in ("https", "wss"):
                    headers["Strict-Transport-Security"] = _HSTS
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _policy(self, path: str) -> str:
        if path.startswith("/api/"):
            return self._documentation if path.startswith("/api/docs") else _NOTHING
        if path.startswith("/classify/"):
            return _NOTHING if "/gradio_api/" in path else self._widget
        return self._pages


def _inline_scripts() -> list[str]:
    """Return the hashes of the scripts that stand in Streamlit's page."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in scripts]
    return [f"'sha256-{digest}'" for digest in digests]
