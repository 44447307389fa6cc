"""The guards stand around a real Lightbox: each of these fails without its own."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from dashboard.core.settings import Settings
from tests import contract
from tests.guards.streamlit_page import StreamlitPage
from tests.server import Lightbox
from tests.test_hostile_requests import head, raw
from tests.waiting import wait_for

MB = 2**20
PLACES = 6
VARIABLES = {"LIGHTBOX_RATE": "1", "LIGHTBOX_MAX_SESSIONS": str(PLACES), "LIGHTBOX_UPLOAD_MB": "8"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lightbox]:
    """A demo behind a proxy on this machine."""
    home = tmp_path_factory.mktemp("demo") / "home"
    server = Lightbox(home, options=("--demo",), variables=VARIABLES)
    with server.running():
        yield server


def ask(demo: Lightbox, method: str, path: str, client: str, **options: Any) -> httpx.Response:
    headers = {"x-forwarded-for": client, **options.pop("headers", {})}
    return httpx.request(method, demo.url + path, headers=headers, timeout=60, **options)


def classify(demo: Lightbox, client: str) -> httpx.Response:
    files = {"image": ("7.png", contract.GOOD)}
    return ask(demo, "POST", "/api/v1/classify", client, files=files)


def test_headers_on_every_answer(demo: Lightbox) -> None:
    paths = ["/", "/api/v1/models", "/api/nothing", "/api/docs", "/classify/", "/classify/config",
             "/_stcore/health", "/static/nothing.js", "/_stcore/metrics"]  # fmt: skip
    for path in paths:
        headers = ask(demo, "GET", path, "203.0.113.1").headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "frame-ancestors" in headers["content-security-policy"], path
        assert headers["referrer-policy"] == "same-origin", path
        assert "server" not in headers, path
        assert "strict-transport-security" not in headers, path
    https = ask(demo, "GET", "/", "203.0.113.1", headers={"x-forwarded-proto": "https"})
    assert "strict-transport-security" in https.headers


def test_a_foreign_name_reads_nothing(demo: Lightbox) -> None:
    for headers in ({"host": "evil.example"}, {"origin": "http://evil.example"}):
        for path in ("/", "/api/v1/models", "/api/v1/datasets", "/classify/config", "/media/x"):
            answer = ask(demo, "GET", path, "203.0.113.2", headers=headers)
            assert answer.status_code == 403, path
            assert "access-control-allow-origin" not in answer.headers
    # Streamlit itself lets other ports of this machine in.
    for origin in ("http://evil.example", f"http://127.0.0.1:{demo.port + 1}", "http://0.0.0.0"):
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://127.0.0.1:{demo.port}/_stcore/stream", origin=origin, proxy=None)  # type: ignore[arg-type]
        assert refused.value.response.status_code == 403


def test_figures_are_closed(demo: Lightbox) -> None:
    for path in ("metrics", "script-health-check", "agent/openapi.json"):
        assert ask(demo, "GET", f"/_stcore/{path}", "203.0.113.3").status_code == 404


def test_one_visitor_leaves_room_for_the_others(demo: Lightbox) -> None:
    greedy = [classify(demo, "203.0.113.4") for _ in range(40)]
    statuses = [answer.status_code for answer in greedy]
    assert set(statuses) == {200, 429}
    assert statuses[:20] == [200] * 20
    refused = next(answer for answer in greedy if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["error"]["code"] == "too_many_requests"
    assert classify(demo, "203.0.113.5").status_code == 200
    # A proxy that names nobody is one client: the gate does not stand open.
    assert {classify(demo, "127.0.0.1").status_code for _ in range(40)} == {200, 429}
    time.sleep(1)
    assert classify(demo, "203.0.113.4").status_code == 200


def test_long_heads(demo: Lightbox) -> None:
    found = ask(demo, "GET", "/api/v1/datasets/digits/images?limit=1", "203.0.113.6").json()
    image = f"GET /api/v1/datasets/digits/images/{found['images'][0]['id']}".encode()
    for line in (image, b"GET /"):
        assert raw(demo, head(demo, line, b"X: " + b"a" * 40_000))[0] in (400, 431)
        ranges = b",".join(b"%d-%d" % (n, n) for n in range(500))
        begun = time.monotonic()
        assert raw(demo, head(demo, line, b"Range: bytes=" + ranges))[0] == 416
        assert time.monotonic() - begun < 2
        ranges = b",".join(b"%d-%d" % (n, n) for n in range(10_000))
        assert raw(demo, head(demo, line, b"Range: bytes=" + ranges))[0] in (400, 416, 431)


@pytest.mark.parametrize("method", [b"TRACE", b"PROPFIND", b"CONNECT", b"DELETE", b"PATCH"])
def test_strange_methods_of_pages(demo: Lightbox, method: bytes) -> None:
    for path in (b"/", b"/train", b"/classify/", b"/_stcore/health", b"/media/x"):
        assert raw(demo, head(demo, method + b" " + path))[0] in (400, 404, 405)


def test_long_bodies(demo: Lightbox) -> None:
    for path, n_bytes in (("/classify/gradio_api/upload", 13 * MB), ("/", 5 * MB)):
        answer = ask(demo, "POST", path, "203.0.113.8", files={"files": ("a", b"x" * n_bytes)})
        assert answer.status_code == 413, path


def test_no_more_pages_than_places(demo: Lightbox) -> None:
    html = {"accept": "text/html"}
    with ExitStack() as stack:
        for _ in range(PLACES):
            stack.enter_context(StreamlitPage(demo))
        beyond = stack.enter_context(StreamlitPage(demo))
        with pytest.raises(ConnectionClosed) as closed:
            beyond.socket.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
        full = ask(demo, "GET", "/", "203.0.113.9", headers=html)
        assert (full.status_code, full.headers["retry-after"]) == (503, "60")
        assert classify(demo, "203.0.113.9").status_code == 200
    wait_for(lambda: ask(demo, "GET", "/", "203.0.113.9", headers=html).status_code == 200)


def test_uploads_in_memory_are_bounded(demo: Lightbox) -> None:
    with ExitStack() as stack:
        pages = [stack.enter_context(StreamlitPage(demo, "203.0.113.10")) for _ in range(5)]
        sessions = [page.session for page in pages]
        first, one = pages[0], b"x" * int(1.9 * MB)
        assert first.upload(sessions[0], b"x" * 2 * MB) == 413  # with what is around it
        assert first.upload(sessions[0], one, "one") == 204
        assert first.upload(sessions[0], one, "two") == 413
        for session in sessions[1:4]:
            assert first.upload(session, one) == 204
        assert first.upload(sessions[4], one) == 503
        assert first.upload(sessions[4], b"x" * 10_000) == 204


def test_messages_of_pages_are_bounded(demo: Lightbox) -> None:
    begins = b"\x82\xff" + (6 * MB).to_bytes(8, "big") + b"mask"  # and nothing more comes
    with StreamlitPage(demo, "203.0.113.11") as page:
        page.socket.socket.sendall(begins)
        with pytest.raises(ConnectionClosed) as closed:  # before any of it is kept
            page.socket.recv(timeout=30)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_uploads_on_disk_are_bounded(demo: Lightbox) -> None:
    def upload(letter: bytes) -> int:
        content = letter * int(4.5 * MB)
        url = "/classify/gradio_api/upload"
        return ask(demo, "POST", url, "203.0.113.12", files={"files": ("a", content)}).status_code

    assert [upload(letter) for letter in (b"a", b"b", b"c")] == [200, 200, 503]
    temporary = Settings.from_environment({"LIGHTBOX_HOME": str(demo.home)}).temporary
    held = sum(path.stat().st_size for path in temporary.rglob("*") if path.is_file())
    assert held < 10 * MB


def test_nothing_of_the_inside_is_told(demo: Lightbox) -> None:
    bad: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/classify/gradio_api/queue/join", {"content": b"{"}),
        ("POST", "/classify/gradio_api/queue/join", {"json": {"fn_index": 99, "data": []}}),
        ("POST", "/classify/gradio_api/upload", {"content": b"x"}),
        ("GET", "/classify/gradio_api/file=%00", {}),
        ("GET", "/media/%00", {}),
        ("GET", "/component/x/..%2f..", {}),
        ("PUT", "/_stcore/upload_file/a/b", {"content": b"x"}),
        ("GET", "/auth/login", {}),
        ("GET", "/oauth2callback?state=x&code=y", {}),
    ]
    for method, path, options in bad:
        text = ask(demo, method, path, "203.0.113.13", **options).text
        assert not re.search(r"Traceback|File \"|site-packages|\.py\b|line \d+", text), (path, text)
