"""One address for all faces: Streamlit at `/`, the widget at `/classify/`, REST at `/api`.

Where it is switched on, agents come in at `/mcp`.

This process never imports TensorFlow, so it is up in seconds and a crash in a native library
never takes the pages down.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any

import streamlit as st
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config as streamlit_config

from dashboard.api.app import create_api
from dashboard.core.atomic import sweep, temporary_folder
from dashboard.core.data.store import list_datasets
from dashboard.core.errors import LightboxError
from dashboard.core.log import log_json
from dashboard.core.runs import tracking
from dashboard.core.runs.store_health import set_aside_if_damaged
from dashboard.core.runs.supervisor import Supervisor
from dashboard.core.serving import client
from dashboard.core.serving.listening import make_private
from dashboard.core.serving.process import EngineProcess
from dashboard.core.settings import REPOSITORY, settings
from dashboard.core.sweeps.driver import Driver
from dashboard.gate import Crowded, Gate
from dashboard.guards.around import guarded
from dashboard.guards.security_headers import SecurityHeaders
from dashboard.monitoring.observed import Observed
from dashboard.monitoring.route import ROUTE
from dashboard.ui import panels

FINISH_S = 20.0
"""How long the requests inside may take to finish when Lightbox is told to end."""

LATE_S = 0.5
"""How long those who have connected before the port was closed may take to say what they want."""

HURRY_S = 15.0
"""How long all that comes after them may take."""

OPEN_S = 15.0
"""How long it counts as starting at most: a store of runs that hangs keeps no classifier away."""

MAX_MESSAGE_BYTES = 5 * 2**20
"""What a page may send at once; Uvicorn takes 16 MB. As `maxWidgetStateSize` of Streamlit."""

_LOG = logging.getLogger(__name__)


class LateApp:
    """An application that is still being imported: requests wait until it is there.

    Gradio takes 2–5 s to import. Mounted like this, the first page doesn't wait for it.
    """

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._ready = asyncio.Event()

    async def ready(self) -> None:
        """Return when requests are let through."""
        await self._ready.wait()

    def set(self, app: ASGIApp) -> None:
        """Let the requests through to `app`."""
        self._app = app
        self._ready.set()

    async def live(self, build: Callable[[], Starlette]) -> None:
        """Build the application in a thread, and let the requests through until cancelled."""
        try:
            app = await asyncio.to_thread(build)
        except Exception:
            _LOG.exception("%s failed", build)
            self.set(PlainTextResponse("This is not available.", 503))
            return
        # Starlette doesn't run the lifespan of a mounted application; without it every Gradio
        # event hangs for ever. Entered and left in one task, as task groups in it demand.
        async with app.router.lifespan_context(app):
            self.set(app)
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._ready.wait()
        assert self._app is not None
        await self._app(scope, receive, send)


def create_app() -> st.App:
    """Build the application with everything that lives as long as it does."""
    api, widget, agents = create_api(), LateApp(), LateApp()
    api.state.starting = True

    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[None]:
        engine, supervisor = EngineProcess(), Supervisor(Driver().look)
        engine.start()
        with ExitStack() as stack:
            work = [
                widget.live(partial(_build_widget, stack)),
                *([agents.live(_build_agents)] if settings().mcp else []),
                _open(api, [asyncio.to_thread(_prepare, supervisor), widget.ready()]),
            ]
            tasks = [asyncio.create_task(one) for one in work]
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(supervisor.stop)
        await client.engine().aclose()
        await asyncio.to_thread(engine.stop)

    rest = Mount("/api", api)
    # An address with a line break is ours too: Starlette's pattern ends there.
    rest.path_regex = re.compile(rest.path_regex.pattern, re.DOTALL)
    entrance = [Route("/mcp", agents)] if settings().mcp else []
    return st.App(
        REPOSITORY / "dashboard" / "ui" / "router.py",
        routes=[rest, Mount("/classify", widget), ROUTE, *entrance],
        lifespan=lifespan,
        on_script_error=panels.unexpected,
    )


async def _open(api: FastAPI, work: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Let `/readyz` say that Lightbox is ready: while modules are imported, answers are late."""
    await asyncio.wait([asyncio.create_task(one) for one in work], timeout=OPEN_S)
    api.state.starting = False


def _build_widget(stack: ExitStack) -> Starlette:
    # Gone at the end, and not in the home, since clients are told where their upload is.
    make_private(settings().temporary)
    uploads = stack.enter_context(temporary_folder(settings().temporary))
    os.environ["GRADIO_TEMP_DIR"] = str(uploads)  # read while Gradio is imported
    if not settings().mcp:
        _import_gradio_alone()
    from dashboard.widget.app import create_widget

    app = create_widget()
    # What is there by now stays. Else the collector walks over all of it (MLflow, Gradio, pandas)
    # whenever many requests come, and all of them wait up to a second.
    gc.collect()
    gc.freeze()
    return app


def _import_gradio_alone() -> None:
    """Keep Gradio from importing MCP for a server of its own, never started: 23 MB, 0.2 s."""
    if "mcp" in sys.modules:
        return
    sys.modules["mcp"] = None  # type: ignore[assignment]
    try:
        import gradio  # noqa: F401
    finally:
        del sys.modules["mcp"]


def _build_agents() -> Starlette:
    from dashboard.api.agents import create_agents

    return create_agents()


def _prepare(supervisor: Supervisor) -> None:
    """Do what the first page doesn't wait for; one failure leaves the rest to work."""
    for step in (_sweep, _import_embedded, tracking.prepare):
        try:
            step()
        except Exception:
            _LOG.exception("start-up is incomplete")
    supervisor.start()


def _sweep() -> None:
    configured = settings()
    for folder in (configured.home, configured.datasets, configured.models, configured.temporary):
        sweep(folder)


def _import_embedded() -> None:
    if not any(dataset.name == "digits" for dataset in list_datasets()):
        command = [sys.executable, "-m", "dashboard", "import", "digits", "--json"]
        # What is being imported meanwhile sets variables. Without a copy of them the kernel reads
        # where they were, and at times starts nothing (EFAULT).
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, cwd=REPOSITORY, env=os.environ.copy()
        )


def serve() -> None:
    """Listen and serve until interrupted.

    Raises:
        LightboxError: The port is taken or the address is not ours.
    """
    configured = settings()
    os.environ["LIGHTBOX_HOME"] = str(configured.home)
    if not configured.loopback and not configured.demo and not configured.token:
        os.environ["LIGHTBOX_TOKEN"] = secrets.token_urlsafe(24)
        settings.cache_clear()
        configured = settings()
    listening = _listen(configured.host, configured.port)
    log_json("web")  # not before: what cannot start says so in a sentence, and is a mere command
    set_aside_if_damaged()
    configured.home.mkdir(parents=True, exist_ok=True)
    os.chdir(REPOSITORY)  # Streamlit reads .streamlit/config.toml from here
    streamlit_config.set_option("secrets.files", [str(configured.secrets_file)])
    shown = f"[{configured.host}]" if ":" in configured.host else configured.host
    query = f"/?token={configured.token}" if not configured.loopback and configured.token else ""
    gate = Gate(guarded(create_app()))
    config = uvicorn.Config(
        Observed(SecurityHeaders(gate)),
        http=Crowded,
        backlog=128,  # without files, asyncio complains as often before it pauses
        forwarded_allow_ips=list(configured.proxies),
        ws_max_size=MAX_MESSAGE_BYTES,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,  # of pages that are open; the gate has waited for the others
    )
    server = _Server(config, gate, f"Lightbox is ready: http://{shown}:{configured.port}{query}")
    server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Says its one line when it really listens, and ends when those inside have their answers."""

    def __init__(self, config: uvicorn.Config, gate: Gate, line: str) -> None:
        super().__init__(config)
        self._line = line
        self._gate = gate

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._line, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end. (Uvicorn's own raises the signal again at the end, as after a crash.)"""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._gate.close(FINISH_S, lambda: self.force_exit)
        last = threading.Timer(HURRY_S, _leave)
        last.daemon = True
        last.start()
        for server in self.servers:
            server.close()
        await asyncio.sleep(LATE_S)
        await super().shutdown(sockets)
        _leave()


def _leave() -> None:
    """End this process: a thread that is still at work would hold up a normal exit."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once only where the protocol is named: without it, every
    # answer waits 40 ms for the other side's delayed acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise LightboxError(
            "Port {port} on {host} cannot be used: {reason}. Stop what uses it or choose another, "
            "for example PORT={other}.",
            code="port_taken",
            port=port,
            host=host,
            reason=(error.strerror or str(error)).lower(),
            other=port + 1 if port < 65535 else 8501,
        ) from error
    return listening
