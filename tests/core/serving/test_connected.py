import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from dashboard.core.serving.connected import while_connected


async def stays() -> Any:
    await asyncio.Event().wait()


async def goes() -> Any:
    return {"type": "http.disconnect"}


def test_the_result_and_the_error_come_through() -> None:
    async def work() -> int:
        return 7

    async def fail() -> None:
        raise ZeroDivisionError

    assert asyncio.run(while_connected(stays, work())) == 7
    with pytest.raises(ZeroDivisionError):
        asyncio.run(while_connected(stays, fail()))


def test_the_work_of_a_client_that_is_gone_ends() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(1)
            raise

    async def scenario() -> None:
        with pytest.raises(ClientDisconnect):
            await while_connected(goes, work())
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert ended == [1]


def test_whoever_waits_for_it_may_give_up_too() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(1)

    async def scenario() -> None:
        waiting = asyncio.create_task(while_connected(stays, work()))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert ended == [1]
