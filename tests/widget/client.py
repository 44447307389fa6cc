"""What a browser sends to the widget."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from tests.server import HTTP, Lightbox

META = {"_type": "gradio.FileData"}

_INPUTS = (None, "digits", False, 0.1, None)
"""Image, model, whether to explain, error rate, and the visit, which the server knows."""


@dataclass
class Told:
    """How an event of the widget ended: its error, or what it shows."""

    error: str | None
    label: dict[str, Any] | None = None
    verdict: str = ""


def upload(
    lightbox: Lightbox, name: str, content: bytes, page: str = "/classify"
) -> httpx.Response:
    """Send a file; the answer is a list with its path."""
    files = {"files": (name, content)}
    return HTTP.post(f"{lightbox.url}{page}/gradio_api/upload", files=files)


def ask(lightbox: Lightbox, *data: Any, page: str = "/classify", session: str = "") -> Told:
    """Let the event run on `data`, the values of the first inputs."""
    root, session = f"{lightbox.url}{page}", session or secrets.token_hex(8)
    events = HTTP.get(f"{root}/config").json()["dependencies"]
    (number,) = [event["id"] for event in events if event["api_name"] == "classify"]
    body = {
        "data": [*data, *_INPUTS[len(data) :]],
        "fn_index": number,
        "session_hash": session,
        "trigger_id": None,
    }
    HTTP.post(f"{root}/gradio_api/queue/join", json=body).raise_for_status()
    query = {"session_hash": session}
    with HTTP.stream("GET", f"{root}/gradio_api/queue/data", params=query) as lines:
        for line in lines.iter_lines():
            message = json.loads(line.removeprefix("data:") or "{}")
            if message.get("msg") == "process_completed":
                return _told(message["output"], message["success"])
    raise AssertionError("the widget did not answer")


def image(path: str) -> dict[str, Any]:
    """The value of the image input."""
    return {"path": path, "meta": META}


def _told(output: dict[str, Any], success: bool) -> Told:
    if not success:
        return Told(output["error"] or "")
    label, verdict, *_ = output["data"]
    return Told(None, label, verdict)
