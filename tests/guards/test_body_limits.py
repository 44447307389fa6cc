"""413 before a body fills anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from dashboard.guards.body_limits import BodyLimits
from tests.guards.visiting import Reader, ask, ask_async

MB = 2**20
CASES = [
    ("POST", "/classify/gradio_api/upload", 12),
    ("POST", "/classify/zh/gradio_api/upload", 12),
    ("POST", "/classify/gradio_api/queue/join", 4),
    ("PUT", "/_stcore/upload_file/a/b", 202),
    ("POST", "/_stcore/anything", 4),
    ("POST", "/", 4),
    ("POST", "/api/v1/datasets", 202),
    ("POST", "/api/docs", 4),
]


def announced(n_bytes: int) -> dict[str, str]:
    return {"content-length": str(n_bytes)}


@pytest.mark.parametrize(("method", "path", "limit_mb"), CASES)
def test_what_is_announced(method: str, path: str, limit_mb: int) -> None:
    reader = Reader()
    app = BodyLimits(reader)
    answer = ask(app, method, path, headers=announced(limit_mb * MB + 11 * MB))
    assert answer.status_code == 413
    assert reader.calls == 0  # nobody began to read
    assert ask(app, method, path, headers=announced(limit_mb * MB - MB)).status_code == 200


def test_what_comes_in_pieces() -> None:
    async def pieces(n: int) -> AsyncIterator[bytes]:
        for _ in range(n):
            yield b"x" * MB

    async def visit(n: int) -> tuple[int, str, bool]:
        reader = Reader()
        url = "/classify/gradio_api/upload"
        answer = await ask_async(BodyLimits(reader), "POST", url, content=pieces(n))
        return answer.status_code, answer.text, reader.gone

    assert asyncio.run(visit(12)) == (200, str(12 * MB), False)
    status, text, gone = asyncio.run(visit(14))
    assert (status, gone) == (413, True)  # the application was told that the client has gone
    assert "larger than 12 MB" in text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_who_reads_sends_nothing(method: str) -> None:
    for path in ("/", "/api/v1/models", "/_stcore/upload_file/a/b", "/classify/"):
        app = BodyLimits(Reader())
        assert ask(app, method, path, headers=announced(2**16)).status_code == 200
        assert ask(app, method, path, headers=announced(2**16 + 1)).status_code == 413
