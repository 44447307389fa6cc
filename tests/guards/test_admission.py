"""Full is said before the picture is read: real sockets, and an engine that waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from dashboard.api.app import create_api
from dashboard.core.serving.client import engine
from dashboard.core.serving.server import create_app
from dashboard.guards.admission import Admission
from tests.engine_pair import pair
from tests.fake_engine import FakeEngine
from tests.slow_upload import SlowUpload
from tests.waiting import wait_for

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of sockets closed on purpose

PLACES = 3


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def port(home: Path, fake: FakeEngine) -> Iterator[int]:
    app = Admission(Starlette(routes=[Mount("/api", create_api())]), PLACES)
    with pair(create_app(fake), app) as found:  # type: ignore[arg-type]
        yield found
        fake.release.set()


def begin(port: int, share: float, **data: str) -> SlowUpload:
    """Send the head of a request and a share of its body."""
    upload = SlowUpload(port, b"x" * 1000, **data)
    upload.send(share)
    return upload


def test_when_full_a_request_is_refused_before_its_body(port: int, fake: FakeEngine) -> None:
    fake.release.clear()
    held = [begin(port, 1) for _ in range(PLACES)]
    wait_for(lambda: len(fake.calls) >= 2)  # as many as the engine has threads
    wait_for(lambda: engine().figures().held["quick"] == PLACES)  # type: ignore[union-attr]
    refused = begin(port, 0).answer.decode().lower()
    assert refused.startswith("http/1.1 503")
    assert "retry-after: 2" in refused
    assert "queue_full" in refused
    assert refused.count("x-request-id") == 1
    fake.release.set()
    assert all(upload.status == 200 for upload in held)
    assert begin(port, 1).status == 200


def test_who_sends_slowly_keeps_nobody_out(port: int) -> None:
    slow = [begin(port, 0.5) for _ in range(3 * PLACES)]
    assert begin(port, 1).status == 200
    for upload in slow:
        upload.close()


def test_those_who_wait_for_an_explanation_keep_nobody_out(port: int, fake: FakeEngine) -> None:
    fake.release.clear()
    explained = [begin(port, 1, explain="grad_cam") for _ in range(PLACES)]
    wait_for(lambda: engine().figures().held["slow"] == PLACES)  # type: ignore[union-attr]
    plain = begin(port, 1)
    wait_for(lambda: engine().figures().held["quick"] == 1)  # type: ignore[union-attr]
    fake.release.set()
    assert all(upload.status == 200 for upload in (plain, *explained))


def test_who_hangs_up_gives_his_place_back(port: int, fake: FakeEngine) -> None:
    fake.release.clear()
    held = [begin(port, 1) for _ in range(PLACES)]
    wait_for(lambda: engine().figures().held["quick"] == PLACES)  # type: ignore[union-attr]
    for upload in held:
        upload.close()
    fake.release.set()
    wait_for(lambda: begin(port, 1).status == 200)
