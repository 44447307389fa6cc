"""Clients that go away, and more of them than there is room for: real servers, real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from dashboard.api.app import create_api
from dashboard.core.serving.backends import PARALLEL
from dashboard.core.serving.lane import MAX_QUEUED
from dashboard.core.serving.server import create_app
from tests.engine_pair import pair
from tests.fake_engine import FakeEngine
from tests.slow_upload import SlowUpload
from tests.waiting import wait_for

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of sockets closed on purpose


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def inner(fake: FakeEngine) -> Starlette:
    return create_app(fake)  # type: ignore[arg-type]


@pytest.fixture
def port(home: Path, inner: Starlette) -> Iterator[int]:
    with pair(inner, create_api()) as found:
        yield found


def post(port: int, content: bytes) -> SlowUpload:
    """Send a whole request and leave its answer unread."""
    upload = SlowUpload(port, content, "/v1/classify")
    upload.send(1)
    return upload


def n_held(inner: Starlette) -> int:
    return int(inner.state.lightbox.quick.held)


def test_what_waits_for_a_client_that_is_gone_is_never_done(
    port: int, fake: FakeEngine, inner: Starlette
) -> None:
    fake.release.clear()
    staying = [post(port, b"stays") for _ in range(PARALLEL)]
    wait_for(lambda: len(fake.calls) == PARALLEL)
    going = [post(port, b"goes") for _ in range(5)]
    staying.append(post(port, b"stays"))
    wait_for(lambda: n_held(inner) == PARALLEL + 6)
    for upload in going:
        upload.close()
    wait_for(lambda: n_held(inner) == PARALLEL + 1)
    fake.release.set()
    assert all(upload.status == 200 for upload in staying)
    assert [call["content"] for call in fake.calls] == [b"stays"] * 3


def test_a_client_that_goes_while_its_work_is_done_takes_no_place_for_long(
    port: int, fake: FakeEngine, inner: Starlette
) -> None:
    fake.release.clear()
    going = [post(port, b"goes") for _ in range(PARALLEL)]
    wait_for(lambda: len(fake.calls) == PARALLEL)
    for upload in going:
        upload.close()
    fake.release.set()
    wait_for(lambda: n_held(inner) == 0)
    url = f"http://127.0.0.1:{port}/v1/classify"
    assert httpx.post(url, files={"image": b"x"}, timeout=5).status_code == 200


def test_without_room_it_is_503_with_the_time_to_try_again(
    port: int, fake: FakeEngine, inner: Starlette
) -> None:
    fake.release.clear()
    held = [post(port, b"x") for _ in range(PARALLEL + MAX_QUEUED)]
    wait_for(lambda: n_held(inner) == len(held))
    url = f"http://127.0.0.1:{port}/v1/classify"
    for _ in range(10):
        response = httpx.post(url, files={"image": b"x"}, timeout=5)
        assert response.status_code == 503
        assert response.headers["retry-after"] == "2"
        assert response.json()["error"]["code"] == "queue_full"
    fake.release.set()
    assert all(upload.status == 200 for upload in held)
