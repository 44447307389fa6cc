"""The engine process: `python -m dashboard.core.serving.server`.

Listens on a Unix socket that only we can reach, and ends with its parent. A crash in a native
library takes this process down and not the pages; `EngineProcess` starts it again.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

import psutil
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.core.errors import CLIENT_LEFT, LightboxError, TooLarge
from dashboard.core.images import MAX_BYTES
from dashboard.core.log import HEADER, begin_request, log_json, report
from dashboard.core.serving.augmented import EffectQuestion, PreviewQuestion, read_question
from dashboard.core.serving.backends import PARALLEL
from dashboard.core.serving.batching import max_batch
from dashboard.core.serving.connected import while_connected
from dashboard.core.serving.engine import DEADLINE_S, SLOW_DEADLINE_S, Engine
from dashboard.core.serving.figures import Figures
from dashboard.core.serving.hanging import end_if_hanging
from dashboard.core.serving.in_work import InWork
from dashboard.core.serving.lane import MAX_QUEUED, Lane
from dashboard.core.serving.listening import listen
from dashboard.core.serving.orphan import end_with_parent
from dashboard.core.serving.question import Question
from dashboard.core.settings import settings
from dashboard.core.shortage import shortage

KEEP_ALIVE_S = 75
"""Longer than the client's, so that it never writes into a connection we are closing."""

logger = logging.getLogger(__name__)


@dataclass
class _State:
    engine: Engine
    quick: Lane
    slow: Lane
    ready: bool = False
    model: str | None = None


def create_app(engine: Engine) -> Starlette:
    """Return the application around `engine`; a fake one in tests."""
    # Explanations queue by themselves: the first waits for TensorFlow, and must not keep plain
    # classifications waiting with it.
    quick = Lane(threads=max(PARALLEL, max_batch()), limit=MAX_QUEUED)
    state = _State(engine, quick, Lane(threads=1, limit=MAX_QUEUED))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(_warm(state))
        yield
        warming.cancel()

    app = Starlette(
        routes=[
            Route("/classify", _classify, methods=["POST"]),
            Route("/run", _run, methods=["POST"]),
            Route("/preview", _preview, methods=["POST"]),
            Route("/effect", _effect, methods=["POST"]),
            Route("/thumbnail", _thumbnail, methods=["POST"]),
            Route("/copy", _copy, methods=["POST"]),
            Route("/ready", _ready),
            Route("/figures", _figures),
        ],
        middleware=[Middleware(_RequestIds)],
        exception_handlers={
            LightboxError: _known_error,
            ClientDisconnect: _gone,
            Exception: _unknown_error,
        },
        lifespan=lifespan,
    )
    app.state.lightbox = state
    return app


class _RequestIds:
    """Takes over the id that the web process gave a request, for the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            begin_request(Headers(scope=scope).get(HEADER, ""))
        await self._app(scope, receive, send)


async def _classify(request: Request) -> JSONResponse:
    state: _State = request.app.state.lightbox
    question = Question.from_json(request.query_params["question"])
    content = await _body(request)
    slow = state.engine.may_be_slow(question)
    lane = state.slow if slow or question.explain is not None else state.quick
    working = lane.run(
        lambda: state.engine.classify(content, question),
        SLOW_DEADLINE_S if slow else DEADLINE_S,
    )
    answer = await while_connected(request.receive, working)
    return JSONResponse(answer.to_json())


async def _run(request: Request) -> JSONResponse:
    state: _State = request.app.state.lightbox
    run_id, content = request.query_params.get("run", ""), await _body(request)
    working = state.slow.run(
        lambda: state.engine.classify_in_run(content, run_id),
        DEADLINE_S if state.engine.has_tensorflow else SLOW_DEADLINE_S,
    )
    answer = await while_connected(request.receive, working)
    return JSONResponse(answer.to_json())


async def _preview(request: Request) -> JSONResponse:
    state: _State = request.app.state.lightbox
    question = read_question(PreviewQuestion, await _body(request))
    working = state.slow.run(lambda: state.engine.preview(question), SLOW_DEADLINE_S)
    answer = await while_connected(request.receive, working)
    return JSONResponse(answer.to_json())


async def _effect(request: Request) -> JSONResponse:
    state: _State = request.app.state.lightbox
    question = read_question(EffectQuestion, await _body(request))
    working = state.slow.run(lambda: state.engine.effect(question), SLOW_DEADLINE_S)
    answer = await while_connected(request.receive, working)
    return JSONResponse(answer.to_json())


async def _thumbnail(request: Request) -> Response:
    state: _State = request.app.state.lightbox
    side = int(request.query_params["side"])
    content = await _body(request)
    working = state.quick.run(lambda: state.engine.thumbnail(content, side), DEADLINE_S)
    pixels = await while_connected(request.receive, working)
    return Response(pixels.tobytes())


async def _copy(request: Request) -> Response:
    state: _State = request.app.state.lightbox
    most = int(request.query_params["most"])
    content = await _body(request)
    copied = await state.quick.run(lambda: state.engine.copy(content, most), DEADLINE_S)
    return Response(copied, media_type="image/png")


async def _ready(request: Request) -> JSONResponse:
    state: _State = request.app.state.lightbox
    told = {
        "ready": state.ready,
        "model": state.model,
        "faults": [fault.to_json() for fault in state.engine.faults()],
    }
    return JSONResponse(told, status_code=200 if state.ready else 503)


async def _figures(request: Request) -> JSONResponse:
    state: _State = request.app.state.lightbox
    lanes = {"quick": state.quick, "slow": state.slow}
    figures = Figures(
        memory_bytes=psutil.Process().memory_info().rss,
        held={name: lane.held for name, lane in lanes.items()},
        refused={name: lane.refused for name, lane in lanes.items()},
        models=state.engine.sizes(),
    )
    return JSONResponse(asdict(figures))


async def _warm(state: _State) -> None:
    try:
        state.model = await state.slow.run(state.engine.warm, SLOW_DEADLINE_S)
    except LightboxError as error:  # the model is damaged: whoever asks for it is told so
        logger.error("The default model cannot be loaded: %s", error)
    except Exception:
        logger.exception("The default model cannot be loaded.")
    state.ready = True


async def _body(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BYTES:
            raise TooLarge(
                "The image is larger than {limit} MB. Send a smaller one.",
                limit=MAX_BYTES // 2**20,
            )
    return bytes(content)


async def _known_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, LightboxError)
    return JSONResponse({"error": error.to_json()}, status_code=error.status)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=CLIENT_LEFT)  # nobody reads it


async def _unknown_error(request: Request, error: Exception) -> JSONResponse:
    if short := shortage(error):
        logger.warning("Short of something: %s", error)
        return await _known_error(request, short)
    error_id = report(logger, "unexpected error", error)
    hidden = LightboxError(
        "Something went wrong in the classifier. The log has the details under {error_id}.",
        code="internal",
        error_id=error_id,
    )
    return JSONResponse({"error": hidden.to_json()}, status_code=500)


class _Server(uvicorn.Server):
    """Ends when it hangs."""

    def __init__(self, config: uvicorn.Config, in_work: InWork) -> None:
        super().__init__(config)
        self._in_work = in_work

    async def main_loop(self) -> None:
        watching = asyncio.create_task(end_if_hanging(self._in_work.overdue))
        await super().main_loop()
        watching.cancel()


def main() -> None:
    """Serve until the parent dies or TERM comes."""
    parser = argparse.ArgumentParser(description="The Lightbox engine.")
    parser.add_argument("--parent", type=int, default=os.getppid(), help="process to end with")
    end_with_parent(parser.parse_args().parent)
    log_json("engine")
    with listen(settings().engine_socket) as socket:
        logger.info("The engine answers at %s", settings().engine_socket)
        in_work = InWork(settings().temporary)
        config = uvicorn.Config(
            create_app(Engine(in_work)),
            access_log=False,
            log_config=None,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=3,
        )
        _Server(config, in_work).run(sockets=[socket])
        in_work.close()
    logging.shutdown()
    os._exit(0)  # a prediction in a native library would hold up a normal exit


if __name__ == "__main__":
    main()
