"""The real engine process, through its real socket."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from dashboard.core.errors import NotFound, Unavailable
from dashboard.core.models.card import Card
from dashboard.core.serving.client import EngineClient
from dashboard.core.serving.process import MAX_LOG_BYTES, EngineProcess
from dashboard.core.serving.question import Question
from dashboard.core.settings import REPOSITORY, settings
from tests.waiting import wait_for

# httpcore drops the socket of a refused connection instead of closing it.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:unclosed <socket.socket fd=\d+, family=1:ResourceWarning"
)


@pytest.fixture
def engine(published: Card, client: EngineClient) -> Iterator[EngineProcess]:
    process = EngineProcess()
    process.start()
    yield process
    process.stop()
    assert process.pid is None


def test_the_life_of_an_engine(engine: EngineProcess, client: EngineClient, image: bytes) -> None:
    wait_for(client.ready)
    assert client.classify(image).predictions[0].label == "green"
    with pytest.raises(NotFound, match=r"Published models: .*digits"):
        client.classify(image, Question(model="x"))

    killed = engine.pid
    assert _kill_and_wait(engine, client, image) < 15
    assert engine.pid != killed

    explanation = client.classify(image, Question(explain="grad_cam", target=2)).explanation
    assert explanation is not None
    assert explanation.image_png.startswith(b"\x89PNG")
    assert explanation.heatmap_png.startswith(b"\x89PNG")
    assert client.classify(
        image, Question(explain="grad_cam")
    ).explanation  # now without the import


def _kill_and_wait(engine: EngineProcess, client: EngineClient, image: bytes) -> float:
    """Kill the engine under a stream of requests; return the seconds without an answer."""
    for _ in range(20):
        client.classify(image)
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    start = time.perf_counter()
    codes = set()
    while time.perf_counter() - start < 15:
        try:  # anything but Unavailable fails the test
            client.classify(image)
        except Unavailable as error:
            codes.add(error.code)
            time.sleep(0.02)
        else:
            break
    assert codes == {"engine_restarting"}
    return time.perf_counter() - start


def test_an_engine_that_dies_again_and_again_always_comes_back(
    engine: EngineProcess, client: EngineClient, image: bytes
) -> None:
    for _ in range(6):  # the pause between them has its full length after four
        pid = wait_for(lambda: engine.pid)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda pid=pid: engine.pid != pid)  # type: ignore[misc]
    wait_for(client.ready)
    assert client.classify(image).predictions[0].label == "green"


def test_without_an_engine_it_is_unavailable(client: EngineClient, image: bytes) -> None:
    assert not client.ready()
    with pytest.raises(Unavailable, match="restarting"):
        client.classify(image)


def test_asynchronous_callers(engine: EngineProcess, client: EngineClient, image: bytes) -> None:
    import asyncio

    async def ask() -> str:
        try:
            assert await client.aready()
            return (await client.aclassify(image, Question(top=1))).predictions[0].label
        finally:
            await client.aclose()

    wait_for(client.ready)
    assert [asyncio.run(ask()) for _ in range(2)] == ["green", "green"]


def test_the_engine_ends_with_its_parent(published: Card, client: EngineClient) -> None:
    code = (
        "import time; from dashboard.core.serving.process import EngineProcess;"
        "engine = EngineProcess(); engine.start(); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY)
    wait_for(client.ready)
    parent.kill()
    parent.wait()
    wait_for(lambda: not client.ready(), 5)


def test_a_long_log_is_put_aside(home: object, client: EngineClient) -> None:
    log = settings().home / "engine.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"x" * (MAX_LOG_BYTES + 1))
    process = EngineProcess()
    process.start()
    wait_for(lambda: process.pid)
    process.stop()
    assert log.stat().st_size < MAX_LOG_BYTES
    assert log.with_suffix(".log.1").stat().st_size == MAX_LOG_BYTES + 1
