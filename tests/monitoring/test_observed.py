"""What a request is counted as that was not answered."""

from __future__ import annotations

import asyncio
import logging

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.core.errors import CLIENT_LEFT
from dashboard.monitoring.metrics import REGISTRY
from dashboard.monitoring.observed import Observed


async def reads_and_gives_up(scope: Scope, receive: Receive, send: Send) -> None:
    """What Starlette's middleware does where the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def forgets_to_answer(scope: Scope, receive: Receive, send: Send) -> None:
    """A mistake, for which uvicorn answers with 500."""


@pytest.mark.parametrize(
    ("app", "status", "lines"), [(reads_and_gives_up, CLIENT_LEFT, 0), (forgets_to_answer, 500, 1)]
)
def test_who_leaves_before_the_answer_is_no_failure_of_ours(
    app: ASGIApp, status: int, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError("nobody is there")

    def count() -> float:
        labels = {"method": "GET", "route": "/", "status": str(status)}
        return REGISTRY.get_sample_value("lightbox_requests_total", labels) or 0

    before = count()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with caplog.at_level(logging.WARNING):
        asyncio.run(Observed(app)(scope, receive, send))
    assert count() == before + 1
    assert [record.message for record in caplog.records] == ["request failed"] * lines
