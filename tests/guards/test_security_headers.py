"""What browsers are told; whether pages work with it is held by every test in `tests/e2e`."""

from __future__ import annotations

import re

import pytest

from dashboard.guards.security_headers import SecurityHeaders
from tests.guards.visiting import Reader, ask

PATHS = ["/", "/train", "/api/v1/models", "/api/docs", "/classify/", "/classify/gradio_api/file=x"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer(path: str) -> None:
    headers = ask(SecurityHeaders(Reader()), "GET", path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    policy = headers["content-security-policy"]
    assert re.search(r"frame-ancestors '(self|none)'", policy)
    assert ("'unsafe-eval'" in policy) == (path == "/classify/")
    assert "*" not in policy
    assert "http" not in policy
    assert "strict-transport-security" not in headers


def policy(path: str) -> str:
    return ask(SecurityHeaders(Reader()), "GET", path).headers["content-security-policy"]


def test_scripts_in_the_page_only_where_gradio_needs_them() -> None:
    scripts = re.search("script-src ([^;]*)", policy("/train"))
    assert scripts
    assert "'unsafe-inline'" not in scripts[1]
    assert re.search(r"'sha256-[\w+/]{43}='", scripts[1])  # Streamlit's own
    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval';" in policy("/classify/")


def test_what_visitors_send_is_never_a_page() -> None:
    for path in ("/classify/gradio_api/file=/x.svg", "/api/v1/datasets/x/images/y"):
        assert policy(path) == "default-src 'none'; frame-ancestors 'none'; sandbox"


def test_only_https_asks_for_https() -> None:
    url = "https://127.0.0.1:8501/"
    headers = ask(SecurityHeaders(Reader()), "GET", url).headers
    assert headers["strict-transport-security"] == "max-age=31536000"
