"""Ready is more than an engine that answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from dashboard import app
from dashboard.api.app import create_api
from dashboard.core.serving.client import engine
from dashboard.core.serving.server import create_app
from tests.engine_pair import pair
from tests.fake_engine import FakeEngine
from tests.server import HTTP
from tests.waiting import wait_for


def test_it_is_starting_until_nothing_is_imported_any_more(home: Path) -> None:
    api = create_api()
    api.state.starting = True
    with pair(create_app(FakeEngine()), Starlette(routes=[Mount("/api", api)])) as port:  # type: ignore[arg-type]
        url = f"http://127.0.0.1:{port}/api/v1"
        wait_for(engine().ready)
        answer = HTTP.get(f"{url}/readyz")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "starting")
        assert HTTP.get(f"{url}/healthz").status_code == 200

        async def opening() -> None:
            imported = asyncio.Event()

            async def work() -> None:
                await imported.wait()

            task = asyncio.create_task(app._open(api, [work(), work()]))
            await asyncio.sleep(0.05)
            assert api.state.starting
            imported.set()
            await task

        asyncio.run(opening())
        assert HTTP.get(f"{url}/readyz").status_code == 200


def test_what_hangs_keeps_no_visitor_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "OPEN_S", 0.05)
    api = create_api()
    api.state.starting = True

    async def hang() -> None:
        await asyncio.Event().wait()

    asyncio.run(app._open(api, [hang()]))
    assert not api.state.starting
