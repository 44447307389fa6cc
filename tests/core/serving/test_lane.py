import asyncio
import threading

import pytest

from dashboard.core.errors import DeadlineExceeded, Unavailable
from dashboard.core.serving.lane import Lane


def test_results_and_errors_come_back() -> None:
    async def scenario() -> None:
        lane = Lane(threads=1, limit=0)
        assert await lane.run(lambda: 7, 5) == 7
        with pytest.raises(ZeroDivisionError):
            await lane.run(lambda: 1 // 0, 5)
        assert await lane.run(lambda: 8, 5) == 8  # its place is free again

    asyncio.run(scenario())


def test_a_full_queue_refuses_at_once() -> None:
    async def scenario() -> None:
        lane, release = Lane(threads=2, limit=3), threading.Event()
        held = [asyncio.create_task(lane.run(release.wait, 5)) for _ in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="busy") as caught:
            await lane.run(lambda: 1, 5)
        assert not any(task.done() for task in held)  # it waited for none of them
        assert caught.value.code == "queue_full"
        release.set()
        assert all(await asyncio.gather(*held))
        assert await lane.run(lambda: 1, 5) == 1

    asyncio.run(scenario())


def test_what_waits_past_its_deadline_is_dropped() -> None:
    async def scenario() -> None:
        lane, release, ran = Lane(threads=1, limit=1), threading.Event(), []
        running = asyncio.create_task(lane.run(release.wait, 5))
        await asyncio.sleep(0)
        with pytest.raises(DeadlineExceeded):
            await lane.run(lambda: ran.append(1), 0.05)
        release.set()
        await running
        assert await lane.run(lambda: 3, 5) == 3
        assert ran == []

    asyncio.run(scenario())


def test_what_begins_too_late_to_finish_is_refused_instead() -> None:
    async def scenario() -> None:
        lane, release, ran = Lane(threads=1, limit=1), threading.Event(), []
        running = asyncio.create_task(lane.run(release.wait, 5))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(lane.run(lambda: ran.append(1), 2))
        await asyncio.sleep(1.1)
        release.set()
        await running
        with pytest.raises(Unavailable, match="busy"):
            await waiting
        assert ran == []
        assert await lane.run(lambda: 1, 5) == 1

    asyncio.run(scenario())


def test_what_runs_past_its_deadline_keeps_its_place() -> None:
    async def scenario() -> None:
        lane, release = Lane(threads=1, limit=0), threading.Event()
        with pytest.raises(DeadlineExceeded, match="within 0 seconds"):
            await lane.run(release.wait, 0.05)
        with pytest.raises(Unavailable):
            await lane.run(lambda: 1, 5)
        release.set()
        for _ in range(100):
            if not lane.held:
                break
            await asyncio.sleep(0.01)
        assert await lane.run(lambda: 1, 5) == 1

    asyncio.run(scenario())


def test_what_waits_for_nobody_is_dropped_and_leaves_its_place() -> None:
    async def scenario() -> None:
        lane, release, ran = Lane(threads=1, limit=1), threading.Event(), []
        running = asyncio.create_task(lane.run(release.wait, 5))
        waiting = asyncio.create_task(lane.run(lambda: ran.append(1), 5))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await lane.run(lambda: 1, 5)
        waiting.cancel()
        await asyncio.sleep(0.01)
        third = asyncio.create_task(lane.run(lambda: 3, 5))
        await asyncio.sleep(0)
        release.set()
        assert await third == 3
        await running
        assert ran == []

    asyncio.run(scenario())
