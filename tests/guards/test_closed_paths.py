"""What is closed, however it is written."""

from __future__ import annotations

import pytest

from dashboard.guards.closed_paths import ClosedPaths
from tests.guards.visiting import Reader, ask

CLOSED = [
    "/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent/interact",
    "/_stcore/agent/mcp", "/_stcore/agent/openapi.json", "/_STCORE/METRICS", "/_stcore//metrics",
    "/classify/monitoring", "/classify/zh/monitoring/summary", "/classify/MONITORING",
    "/classify/openapi.json", "/classify/zh/openapi.json",
    "/classify/gradio_api/file=http://127.0.0.1/", "/classify/gradio_api/file/https://x/",
    "/classify/gradio_api//proxy=http://x", "/classify/gradio_api/deep_link",
    "/classify/zh/gradio_api/vibe-code", "/classify/gradio_api/component_server",
    "/classify/gradio_api/process_recording", "/classify/gradio_api/stream/x",
]  # fmt: skip
OPEN = [
    "/", "/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/_stcore/upload_file/a/b",
    "/classify/", "/classify/gradio_api/upload", "/classify/gradio_api/file=/tmp/x.png",
    "/classify/gradio_api/queue/data", "/api/v1/models", "/api/v1/datasets/monitoring", "/metrics",
]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
def test_closed_and_open(method: str) -> None:
    app = ClosedPaths(Reader())
    assert {path: ask(app, method, path).status_code for path in CLOSED} == dict.fromkeys(
        CLOSED, 404
    )
    assert {path: ask(app, method, path).status_code for path in OPEN} == dict.fromkeys(OPEN, 200)
