"""Gradio as BAD_INPUT.md, §4 wants it: what is set, and that it holds."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from gradio import processing_utils
from starlette.routing import Mount

from dashboard.core.settings import REPOSITORY, settings
from tests import contract
from tests.server import HTTP, Lightbox
from tests.widget.client import upload

SET: list[tuple[str, Any]] = [
    ("state_session_capacity", 500),
    ("allowed_paths", []),
    ("max_file_size", 10 * 1024 * 1024),
    ("show_error", False),
    ("enable_monitoring", False),
    ("ssr_mode", False),
    ("analytics_enabled", False),
    ("pwa", False),
    ("has_launched", True),  # only then it checks that a path belongs to an upload
    ("delete_cache", (300, 900)),
    ("share", False),
    ("vibe_mode", False),
    ("footer_links", []),
    ("auth", None),
]


@pytest.fixture(scope="module")
def widgets(module_home: Any) -> list[Any]:
    """The mounted Gradio of each language."""
    from dashboard.widget.app import create_widget

    app = create_widget()
    assert (app.docs_url, app.redoc_url, app.openapi_url) == (None, None, None)
    return [route.app.blocks for route in app.routes if isinstance(route, Mount)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "value"), SET)
def test_what_is_set(widgets: list[Any], name: str, value: Any) -> None:
    assert len(widgets) == 2
    for widget in widgets:
        assert getattr(widget, name) == value
        assert str(settings().home) in widget.blocked_paths
        assert str(settings().shipped_models) in widget.blocked_paths
        assert widget.mcp_server is None or widget.mcp_server is False
        assert widget._queue.max_size == 16
        assert not widget.api_open
        assert processing_utils.async_ssrf_protected_download.__module__.startswith("dashboard.")


@pytest.mark.parametrize(
    "path", ["docs", "redoc", "openapi.json", "monitoring", "zh/docs", "zh/openapi.json"]
)
def test_what_is_not_there(lightbox: Lightbox, path: str) -> None:
    assert HTTP.get(f"{lightbox.url}/classify/{path}").status_code == 404


@pytest.mark.parametrize(("n_bytes", "status"), [(11 * 2**20, 413), (13 * 2**20, 413)])
def test_files_that_are_too_large(lightbox: Lightbox, n_bytes: int, status: int) -> None:
    with contract.survived(lightbox):
        assert upload(lightbox, "a.png", b"x" * n_bytes).status_code == status


def test_private_files_are_not_served(lightbox: Lightbox) -> None:
    (lightbox.home / "secret.png").write_bytes(contract.GOOD)
    for path in (lightbox.home / "secret.png", lightbox.home / "mlflow.db",
                 REPOSITORY / "models" / "digits" / "card.json", REPOSITORY / "pyproject.toml",
                 "/etc/hostname"):  # fmt: skip
        answer = HTTP.get(f"{lightbox.url}/classify/gradio_api/file={path}")
        assert answer.status_code in (403, 404), path
    (lightbox.home / "secret.png").unlink()


def test_what_visitors_sent_is_no_page(lightbox: Lightbox) -> None:
    content = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for name in ("a.svg", "a.html", "a.png"):
        (path,) = upload(lightbox, name, content).json()
        answer = HTTP.get(f"{lightbox.url}/classify/gradio_api/file={path}")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_other_site_is_told_anything(lightbox: Lightbox) -> None:
    headers = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    for method in ("GET", "POST", "OPTIONS"):
        url = f"{lightbox.url}/classify/gradio_api/upload"
        answer = HTTP.request(method, url, headers=headers)
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


def test_the_environment_opens_nothing(tmp_path: Any) -> None:
    script = (
        "from starlette.routing import Mount\n"
        "from dashboard.widget.app import create_widget\n"
        "for route in create_widget().routes:\n"
        "    if isinstance(route, Mount):\n"
        "        blocks = route.app.blocks\n"
        "        assert blocks.allowed_paths == []\n"
        "        assert (blocks.share, blocks.vibe_mode) == (False, False)\n"
        "        assert (blocks.enable_monitoring, blocks.analytics_enabled) == (False, False)\n"
    )
    opened = {"GRADIO_ALLOWED_PATHS": "/", "GRADIO_SHARE": "True", "GRADIO_VIBE_MODE": "1",
              "GRADIO_MCP_SERVER": "True", "GRADIO_SSR_MODE": "True",
              "GRADIO_ANALYTICS_ENABLED": "True"}  # fmt: skip
    environment = {**os.environ, **opened, "LIGHTBOX_HOME": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", script]
    subprocess.run(command, check=True, cwd=REPOSITORY, env=environment)
