"""Requests nobody should send to the REST routes and the pages (BAD_INPUT.md, rows R3 to R12)."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import psutil
import pytest

from tests import contract
from tests.server import HTTP, Lightbox

JSON = {"content-type": "application/json"}
MEGABYTE = 2**20
GROWTH_MB = 50


def error_of(answer: httpx.Response) -> dict[str, str]:
    """The error in an answer, which is one plain sentence under the id of the request."""
    error = answer.json()["error"]
    contract.check_sentence(error["message"])
    assert error["request_id"] == answer.headers["x-request-id"]
    return error


# ---- R3, R4: too many, too large, malformed


def pictures(n: int) -> list[tuple[str, Any]]:
    return [("images", (f"{i}.png", contract.GOOD)) for i in range(n)]


@pytest.mark.parametrize(("n", "status"), [(0, 422), (33, 413), (10_000, 413)])
def test_batches(lightbox: Lightbox, n: int, status: int) -> None:
    url = f"{lightbox.url}/api/v1/classify/batch"
    with contract.survived(lightbox):
        answer = HTTP.post(url, files=pictures(n) or None, data={"top": "1"})
    assert answer.status_code == status
    error_of(answer)


def multipart(boundary: str) -> dict[str, str]:
    return {"content-type": f"multipart/form-data{boundary}"}


def in_pieces(n_bytes: int) -> Iterator[bytes]:
    for _ in range(n_bytes // 2**16):
        yield b" " * 2**16


PICTURE = ("image", ("7.png", contract.GOOD))
FORMS: dict[str, tuple[dict[str, Any], int]] = {
    "JSON": ({"json": {"image": "x"}}, 422),
    "a picture alone": ({"content": contract.GOOD, "headers": {"content-type": "image/png"}}, 422),
    "no type": ({"content": contract.GOOD}, 422),
    "no boundary": ({"content": b"abc", "headers": multipart("")}, 400),
    "empty": ({"content": b"--x--\r\n", "headers": multipart("; boundary=x")}, 422),
    "another boundary": ({"content": b"--y\r\nfoo", "headers": multipart("; boundary=x")}, 400),
    "a text for a picture": ({"files": [("image", (None, "hello"))]}, 422),
    "1001 parts": ({"files": [PICTURE, *((f"f{i}", (None, "x")) for i in range(1001))]}, 413),
    "a field of 60 MB": ({"files": [PICTURE, ("model", (None, "x" * 60 * MEGABYTE))]}, 413),
    "a field of 900 KB": ({"files": [PICTURE, ("model", (None, "x" * 900_000))]}, 422),
    "a long name": ({"files": [PICTURE, ("layer", (None, "x" * 201))]}, 422),
    "a form of 60 MB": ({"data": {"model": "x" * 60 * MEGABYTE}}, 413),
}


@pytest.mark.parametrize("case", FORMS)
def test_strange_forms(lightbox: Lightbox, case: str) -> None:
    options, status = FORMS[case]
    with contract.survived(lightbox):
        answer = HTTP.post(f"{lightbox.url}/api/v1/classify", **options)
    assert answer.status_code == status
    error_of(answer)


BODIES: dict[str, tuple[Any, set[int]]] = {
    "30 MB": (lambda: b'{"a":"' + b"x" * 30 * MEGABYTE + b'"}', {413}),
    "deep": (lambda: b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", {400, 422}),
    "a list": (lambda: b"[1]", {422}),
    "nothing": (lambda: b"null", {422}),
    "half": (lambda: b'{"a"', {422}),
    "9 MB in pieces": (lambda: in_pieces(9 * MEGABYTE), {413}),
    "bytes": (lambda: b"\xff\xfe\x00", {400, 422}),
}


@pytest.mark.parametrize("path", ["/runs", "/sweeps", "/datasets/digits/exclude"])
def test_strange_bodies(lightbox: Lightbox, path: str) -> None:
    with contract.survived(lightbox):
        for case, (make, statuses) in BODIES.items():
            url = f"{lightbox.url}/api/v1{path}"
            answer = HTTP.post(url, content=make(), headers=JSON)
            assert answer.status_code in statuses, case
            error_of(answer)
        answer = HTTP.post(url, content=b"{}", headers={"content-type": "text/plain"})
        assert answer.status_code in (415, 422)


def test_memory_comes_back(lightbox: Lightbox) -> None:
    assert lightbox.process is not None
    processes = [psutil.Process(pid) for pid in (lightbox.process.pid, lightbox.engine_pid)]

    def memory_mb() -> float:
        return sum(process.memory_info().rss for process in processes) / MEGABYTE

    def send_everything() -> None:
        for options, _ in FORMS.values():
            HTTP.post(f"{lightbox.url}/api/v1/classify", **options)
        for make, _ in BODIES.values():
            HTTP.post(f"{lightbox.url}/api/v1/runs", content=make(), headers=JSON)

    send_everything()
    before = memory_mb()
    for _ in range(3):
        send_everything()
    assert memory_mb() - before < GROWTH_MB


# ---- R5: numbers

NO_NUMBERS = (
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "-1",
    "9" * 400,
    "9" * 5000,
    "abc",
    "1.5",
    "0x10",
    "[]",
)
NUMBERS = [
    ("POST", "/classify", "top"),
    ("POST", "/classify", "target"),
    ("GET", "/datasets/digits/images", "offset"),
    ("GET", "/datasets/digits/images", "limit"),
    ("GET", f"/runs/{'0' * 32}/metrics", "since_step"),
    ("GET", f"/runs/{'0' * 32}/live", "since_step"),
    ("GET", f"/runs/{'0' * 32}/live", "stretch"),
]


@pytest.mark.parametrize(("method", "path", "field"), NUMBERS)
def test_what_is_no_number_is_named(lightbox: Lightbox, method: str, path: str, field: str) -> None:
    for value in NO_NUMBERS:
        options = {"params": {field: value}}
        if method == "POST":
            options = {"files": [PICTURE], "data": {field: value}}
        answer = HTTP.request(method, f"{lightbox.url}/api/v1{path}", **options)
        assert answer.status_code == 422, value[:10]
        assert f"`{field}` must be " in error_of(answer)["message"]


@pytest.mark.parametrize(
    "field", ["epochs", "batch_size", "learning_rate", "image_size", "weight_decay", "seed"]
)
def test_what_is_no_number_is_named_in_a_recipe(lightbox: Lightbox, field: str) -> None:
    values = ["NaN", "Infinity", "-Infinity", "1e400", "-1", "9" * 400, '"abc"', "[]", "{}"]
    for value in values:
        content = f'{{"{field}": {value}}}'
        answer = HTTP.post(f"{lightbox.url}/api/v1/runs", content=content, headers=JSON)
        assert answer.status_code == 422, value[:10]
        assert f"`{field}`" in error_of(answer)["message"]


# ---- R6, R7, R12: addresses, origins, methods, headers


def raw(lightbox: Lightbox, request: bytes) -> tuple[int, bytes]:
    """Send bytes that no HTTP library would; the status, 0 if hung up on, and what came."""
    with socket.create_connection(("127.0.0.1", lightbox.port), timeout=30) as connection:
        answer = b""
        with suppress(ConnectionError):
            connection.sendall(request)
            while block := connection.recv(2**16):
                answer += block
    return int(answer.split(b" ", 2)[1]) if answer else 0, answer


def head(lightbox: Lightbox, line: bytes, *headers: bytes) -> bytes:
    host = b"Host: 127.0.0.1:%d" % lightbox.port
    return b"\r\n".join([line + b" HTTP/1.1", host, b"Connection: close", *headers, b"", b""])


TRICKS = (
    b"/api/v1/%2e%2e/%2e%2e/etc/passwd", b"/api/v1/..%2f..%2fetc/passwd", b"/api/v1/%252e%252e/x",
    b"/api//v1/models", b"/api/v1/models;a=b", b"/api/v1/models\\..\\x", b"/api/v1/models/%00",
    b"/api/v1/models/..%2fx", b"/api/v1/runs/..%2fx", b"/api/v1/runs/x%0Ay", b"/api/v1/sweeps/%00",
    b"/api/v1/datasets/..%2f..%2fx", b"/api/v1/datasets/digits/images/..%2f..%2fdataset.json",
    b"/api/v1/models/" + b"a" * 5000, b"/api/v1/datasets/" + b"a" * 5000,
    b"/api/v1/sweeps/" + b"a" * 5000, b"/api/v1/datasets/digits/images/" + b"a" * 5000,
    b"/api/v1/datasets/digits?v=..%2f..", b"/api/v1/datasets/digits?v=%00",
    b"/api/v1/models/digits?version=..%2fx", b"/api/v1/models/digits?version=" + b"a" * 5000,
    b"/api/v1/datasets/digits/images?class=%00", b"/api/v1/runs/compare?ids=%00,..%2fx",
    b"/classify/gradio_api/file=/etc/passwd", b"/classify/gradio_api/file=..%2f..%2fetc%2fpasswd",
    b"/classify/static/..%2f..%2froutes.py", b"/classify/svelte/..%2f..%2fx.py",
    b"/../etc/passwd", b"/static/..%2f..%2fx", b"//etc/passwd",
)  # fmt: skip


@pytest.mark.parametrize("path", TRICKS, ids=lambda path: path[:50].decode())
def test_tricks_in_addresses(lightbox: Lightbox, path: bytes) -> None:
    status, answer = raw(lightbox, head(lightbox, b"GET " + path))
    assert 400 <= status < 500
    assert b"root:" not in answer
    if b"application/json" in answer and b"/api" in path:
        contract.check_sentence(json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"]["message"])


@pytest.mark.parametrize("method", ["HEAD", "TRACE", "OPTIONS", "PROPFIND", "A" * 3000])
def test_methods_that_are_not_there(lightbox: Lightbox, method: str) -> None:
    for path in (b"/api/v1/models", b"/api/v1/classify", b"/api/v1/datasets/digits/images/x"):
        assert raw(lightbox, head(lightbox, method.encode() + b" " + path))[0] == 405


def test_strange_headers(lightbox: Lightbox) -> None:
    found = HTTP.get(f"{lightbox.url}/api/v1/datasets/digits/images?limit=1").json()["images"][0]
    path = f"GET /api/v1/datasets/digits/images/{found['id']}".encode()
    many = b",".join(b"%d-%d" % (n, n) for n in range(5000))
    with contract.survived(lightbox):
        assert raw(lightbox, head(lightbox, path, b"Range: bytes=" + many))[0] in (200, 206, 416)
        assert raw(lightbox, head(lightbox, path, b"Range: bytes=0-3"))[0] == 206
        assert raw(lightbox, head(lightbox, path, b"Range: bytes=999999-"))[0] == 416
        assert raw(lightbox, head(lightbox, path, b"Range: nonsense"))[0] in (200, 400)
        assert raw(lightbox, head(lightbox, path, b"X: " + b"a" * 2**16))[0] in (200, 400, 431)
        assert raw(lightbox, head(lightbox, path, b"X: " + b"a" * 2**20))[0] in (0, 400, 431)
        assert raw(lightbox, b"GET /api/v1/healthz HTTP/1.0\r\n\r\n")[0] == 200
        assert raw(lightbox, b"nonsense\r\n\r\n")[0] == 400


def test_another_site_gets_no_upload_and_no_session(lightbox: Lightbox) -> None:
    put = head(lightbox, b"PUT /_stcore/upload_file/a/b", b"Content-Length: 0")
    assert raw(lightbox, put)[0] == 403  # without the XSRF token
    socket_headers = (
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    evil = head(lightbox, b"GET /_stcore/stream", *socket_headers, b"Origin: http://evil.example")
    assert raw(lightbox, evil)[0] == 403


@pytest.mark.parametrize(
    ("header", "value"), [("host", "evil.test"), ("origin", "http://evil.test")]
)
def test_another_site_starts_nothing(lightbox: Lightbox, header: str, value: str) -> None:
    for path in ("/runs", "/sweeps", "/datasets/digits/exclude"):
        answer = HTTP.post(f"{lightbox.url}/api/v1{path}", json={}, headers={header: value})
        assert (answer.status_code, error_of(answer)["code"]) == (403, f"foreign_{header}")
