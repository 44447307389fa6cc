"""The way to the engine, for pages, widget and API. Imports neither TensorFlow nor OpenVINO."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import httpx
import numpy as np

from dashboard.core.errors import DeadlineExceeded, LightboxError, Unavailable
from dashboard.core.log import HEADER, request_id
from dashboard.core.serving.answers import Answer, RunAnswer
from dashboard.core.serving.augmented import Effect, EffectQuestion, Preview, PreviewQuestion
from dashboard.core.serving.figures import Figures
from dashboard.core.serving.question import Question
from dashboard.core.settings import settings

# The engine keeps the deadlines itself; these are for an engine that hangs as a whole.
TIMEOUT = httpx.Timeout(65.0, connect=2.0, pool=5.0)
ASYNC_TIMEOUT = aiohttp.ClientTimeout(total=65.0, connect=5.0, sock_connect=2.0)
READY_TIMEOUT_S = 2.0
MAX_CONNECTIONS, KEEP_ALIVE_S = 64, 30.0
LIMITS = httpx.Limits(
    max_connections=MAX_CONNECTIONS, max_keepalive_connections=16, keepalive_expiry=KEEP_ALIVE_S
)

LARGE_BYTES = 2**20
"""A larger body is sent in pieces, so that the others are served in between."""

_BASE_URL = "http://engine"
_PLAIN = Question()


class EngineClient:
    """Asks the engine; safe to use from all threads and event loops of a process.

    Args:
        socket_path: Unix socket of the engine.
    """

    def __init__(self, socket_path: Path) -> None:
        self._path = str(socket_path)
        transport = httpx.HTTPTransport(uds=self._path, limits=LIMITS, verify=False)
        self._http = httpx.Client(
            transport=transport,
            base_url=_BASE_URL,
            timeout=TIMEOUT,
            trust_env=False,
            event_hooks={"request": [lambda request: request.headers.update(_id())]},
        )
        # Connections of an event loop are of no use to another.
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
            WeakKeyDictionary()
        )

    def classify(self, content: bytes, question: Question = _PLAIN) -> Answer:
        """Classify one image file; see `Engine.classify`.

        Raises:
            LightboxError: What the engine raised, or `Unavailable` while it restarts.
        """
        with _plain_errors():
            response = self._http.post("/classify", params=_params(question), content=content)
            return Answer.from_json(_json(response))

    async def aclassify(self, content: bytes, question: Question = _PLAIN) -> Answer:
        """As `classify`, for asynchronous callers."""
        with _plain_errors():
            data = content if len(content) <= LARGE_BYTES else io.BytesIO(content)
            posted = self._async().post(
                "/classify", params=_params(question), data=data, headers=_id()
            )
            async with posted as response:
                told: dict[str, Any] = await response.json()
                _raise_error(response.status, told)
                return Answer.from_json(told)

    def classify_in_run(self, content: bytes, run_id: str) -> RunAnswer:
        """Classify one image file with the network of a run; see `Engine.classify_in_run`.

        Raises:
            LightboxError: As `classify`.
        """
        with _plain_errors():
            response = self._http.post("/run", params={"run": run_id}, content=content)
            return RunAnswer.from_json(_json(response))

    def preview(self, question: PreviewQuestion) -> Preview:
        """Show images as training would see them.

        Raises:
            LightboxError: What the engine raised, or `Unavailable` while it restarts.
        """
        with _plain_errors():
            response = self._http.post("/preview", content=question.model_dump_json())
            return Preview.from_json(_json(response))

    def effect(self, question: EffectQuestion) -> Effect:
        """Measure how often an augmentation changes a model's answer; errors as `preview`."""
        with _plain_errors():
            response = self._http.post("/effect", content=question.model_dump_json())
            return Effect.from_json(_json(response))

    def thumbnail(self, content: bytes, side: int) -> np.ndarray:
        """Decode one image file and fit it into a square: uint8 (side, side, 3).

        Raises:
            LightboxError: As `classify`.
        """
        with _plain_errors():
            response = self._http.post("/thumbnail", params={"side": side}, content=content)
        return np.frombuffer(_bytes(response), np.uint8).reshape(side, side, 3)

    def copy(self, content: bytes, most: int) -> bytes:
        """Return one image file anew as a PNG without metadata, its longer side at most `most`.

        Raises:
            LightboxError: As `classify`.
        """
        with _plain_errors():
            response = self._http.post("/copy", params={"most": most}, content=content)
        return _bytes(response)

    def ready(self) -> bool:
        """Whether the engine runs and its default model is warm."""
        try:
            return self._http.get("/ready", timeout=READY_TIMEOUT_S).status_code == 200
        except httpx.TransportError:
            return False

    def faults(self) -> list[dict[str, str]]:
        """Return the `model`, `version` and `message` of each version that cannot be loaded.

        An older version answers for it where one is in memory.

        Raises:
            LightboxError: As `classify`.
        """
        with _plain_errors():
            response = self._http.get("/ready", timeout=READY_TIMEOUT_S)
            faults: list[dict[str, str]] = response.json()["faults"]
            return faults

    def figures(self) -> Figures | None:
        """Return how busy the engine is, or None while it does not answer."""
        try:
            response = self._http.get("/figures", timeout=READY_TIMEOUT_S)
        except httpx.TransportError:
            return None
        return Figures(**response.json())

    async def aready(self) -> bool:
        """As `ready`, for asynchronous callers."""
        patience = aiohttp.ClientTimeout(READY_TIMEOUT_S)
        try:
            async with self._async().get("/ready", timeout=patience) as response:
                return response.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    def close(self) -> None:
        """Close the connections of `classify`."""
        self._http.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        http = self._by_loop.pop(asyncio.get_running_loop(), None)
        if http is not None:
            await http.close()

    def _async(self) -> aiohttp.ClientSession:
        # Not httpx here: it costs the event loop 0.8 ms a request, this 0.2 ms.
        loop = asyncio.get_running_loop()
        if loop not in self._by_loop:
            connector = aiohttp.UnixConnector(
                self._path, limit=MAX_CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S
            )
            self._by_loop[loop] = aiohttp.ClientSession(
                _BASE_URL, connector=connector, timeout=ASYNC_TIMEOUT
            )
        return self._by_loop[loop]


@cache
def engine() -> EngineClient:
    """The client of this process."""
    return EngineClient(settings().engine_socket)


def _id() -> dict[str, str]:
    known_id = request_id.get()
    return {HEADER: known_id} if known_id else {}


def _params(question: Question) -> dict[str, str]:
    return {"question": question.to_json()}


def _json(response: httpx.Response) -> dict[str, Any]:
    data: dict[str, Any] = response.json()
    _raise_error(response.status_code, data)
    return data


def _bytes(response: httpx.Response) -> bytes:
    if response.is_error:
        _json(response)
    return response.content


def _raise_error(status: int, told: dict[str, Any]) -> None:
    if status >= HTTPStatus.BAD_REQUEST:
        raise LightboxError.from_json(told["error"])


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout, aiohttp.ConnectionTimeoutError) as error:
        raise Unavailable(
            "The classifier is busy. Try again in a few seconds.", code="engine_busy"
        ) from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise DeadlineExceeded("The classifier does not answer. Try again later.") from error
    except (httpx.TransportError, aiohttp.ClientError) as error:
        # Refused, reset, no socket: it is not there just now.
        raise Unavailable(
            "The classifier is restarting. Try again in a few seconds.", code="engine_restarting"
        ) from error
