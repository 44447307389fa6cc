"""The way to the engine, for pages, widget and API. Imports neither TensorFlow nor OpenVINO."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import httpx
import numpy as np

from dashboard.core.errors import DeadlineExceeded, LightboxError, Unavailable
from dashboard.core.serving.answers import Answer, RunAnswer
from dashboard.core.serving.augmented import Effect, EffectQuestion, Preview, PreviewQuestion
from dashboard.core.serving.question import Question
from dashboard.core.settings import settings

# The engine keeps the deadlines itself; these are for an engine that hangs as a whole.
TIMEOUT = httpx.Timeout(65.0, connect=2.0, pool=5.0)
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30.0)

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
            transport=transport, base_url=_BASE_URL, timeout=TIMEOUT, trust_env=False
        )
        # Connections of an event loop are of no use to another.
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
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
            response = await self._async().post(
                "/classify", params=_params(question), content=content
            )
            return Answer.from_json(_json(response))

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
        _raise_error(response)
        return np.frombuffer(response.content, np.uint8).reshape(side, side, 3)

    def copy(self, content: bytes, most: int) -> bytes:
        """Return one image file anew as a PNG without metadata, its longer side at most `most`.

        Raises:
            LightboxError: As `classify`.
        """
        with _plain_errors():
            response = self._http.post("/copy", params={"most": most}, content=content)
        _raise_error(response)
        return response.content

    def ready(self) -> bool:
        """Whether the engine runs and its default model is warm."""
        try:
            return self._http.get("/ready", timeout=2.0).status_code == 200
        except httpx.TransportError:
            return False

    def faults(self) -> list[dict[str, str]]:
        """Return the `model`, `version` and `message` of each version that cannot be loaded.

        An older version answers for it where one is in memory.

        Raises:
            LightboxError: As `classify`.
        """
        with _plain_errors():
            response = self._http.get("/ready", timeout=2.0)
            faults: list[dict[str, str]] = response.json()["faults"]
            return faults

    async def aready(self) -> bool:
        """As `ready`, for asynchronous callers."""
        try:
            return (await self._async().get("/ready", timeout=2.0)).status_code == 200
        except httpx.TransportError:
            return False

    def close(self) -> None:
        """Close the connections of `classify`."""
        self._http.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        http = self._by_loop.pop(asyncio.get_running_loop(), None)
        if http is not None:
            await http.aclose()

    def _async(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if loop not in self._by_loop:
            transport = httpx.AsyncHTTPTransport(uds=self._path, limits=LIMITS, verify=False)
            self._by_loop[loop] = httpx.AsyncClient(
                transport=transport, base_url=_BASE_URL, timeout=TIMEOUT, trust_env=False
            )
        return self._by_loop[loop]


@cache
def engine() -> EngineClient:
    """The client of this process."""
    return EngineClient(settings().engine_socket)


def _params(question: Question) -> dict[str, str]:
    return {"question": question.to_json()}


def _json(response: httpx.Response) -> dict[str, Any]:
    _raise_error(response)
    data: dict[str, Any] = response.json()
    return data


def _raise_error(response: httpx.Response) -> None:
    if response.is_error:
        raise LightboxError.from_json(response.json()["error"])


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Unavailable(
            "The classifier is busy. Try again in a few seconds.", code="engine_busy"
        ) from error
    except httpx.TimeoutException as error:
        raise DeadlineExceeded("The classifier does not answer. Try again later.") from error
    except httpx.TransportError as error:  # refused, reset, no socket: it is not there just now
        raise Unavailable(
            "The classifier is restarting. Try again in a few seconds.", code="engine_restarting"
        ) from error
