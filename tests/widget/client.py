"""What a browser sends to the widget."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from typing import Any

import httpx

from tests.server import HTTP, Lightbox

META = {"_type": "gradio.FileData"}

_INPUTS = (None, "digits", False, 0.1, [], None)
"""Image, model, whether to explain, error rate, models to compare with, and the visit, which the
server knows."""


@dataclass
class Told:
    """How an event of the widget ended: its error, or what it shows."""

    error: str | None
    label: dict[str, Any] | None = None
    verdict: str = ""
    data: tuple[Any, ...] = ()


def upload(
    lightbox: Lightbox, name: str, content: bytes, page: str = "/classify"
) -> httpx.Response:
    """Send a file; the answer is a list with its path."""
    files = {"files": (name, content)}
    return HTTP.post(f"{lightbox.url}{page}/gradio_api/upload", files=files)


def ask(lightbox: Lightbox, *data: Any, page: str = "/classify", session: str = "") -> Told:
    """Let the widget answer to `data`, the values of the first inputs."""
    told = send(lightbox, "classify", [*data, *_INPUTS[len(data) :]], page, session)
    return (
        told if told.error is not None else replace(told, label=told.data[0], verdict=told.data[1])
    )


def send(
    lightbox: Lightbox,
    event: str | int,
    data: list[Any],
    page: str = "/classify",
    session: str = "",
) -> Told:
    """Let an event run, given by its name or number, on `data`, the values of its inputs."""
    root, session = f"{lightbox.url}{page}", session or secrets.token_hex(8)
    if isinstance(event, str):
        (event,) = [item["id"] for item in events(lightbox, page) if item["api_name"] == event]
    body = {"data": data, "fn_index": event, "session_hash": session, "trigger_id": None}
    HTTP.post(f"{root}/gradio_api/queue/join", json=body).raise_for_status()
    query = {"session_hash": session}
    with HTTP.stream("GET", f"{root}/gradio_api/queue/data", params=query) as lines:
        for line in lines.iter_lines():
            message = json.loads(line.removeprefix("data:") or "{}")
            if message.get("msg") == "process_completed":
                output = message["output"]
                if message["success"]:
                    return Told(None, data=tuple(output["data"]))
                return Told(output["error"] or "")
    raise AssertionError("the widget did not answer")


def events(lightbox: Lightbox, page: str = "/classify") -> list[dict[str, Any]]:
    """What the page can ask for."""
    found: list[dict[str, Any]] = HTTP.get(f"{lightbox.url}{page}/config").json()["dependencies"]
    return found


def image(path: str) -> dict[str, Any]:
    """The value of the image input."""
    return {"path": path, "meta": META}
