"""The models in memory: of each name the newest version that could be loaded."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from dataclasses import dataclass

from dashboard.core.errors import LightboxError
from dashboard.core.models.store import StoredModel
from dashboard.core.serving.loaded import LoadedModel

PATIENCE_S = 2.0
"""How long the one who finds a new version waits for it; the old one answers him after that."""

RETRY_S = 60.0
"""A version that could not be loaded is left alone for so long, if an older one can answer."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """A version of a model that could not be loaded.

    Attributes:
        slot: What it was to be kept under: of a published model, its name.
        version: Which version; "" where its card cannot be read.
        error: What was wrong.
        since_s: When, on the monotonic clock.
    """

    slot: Hashable
    version: str
    error: LightboxError
    since_s: float

    def to_json(self) -> dict[str, str]:
        """Return what whoever watches over the engine wants to read."""
        return {"model": str(self.slot), "version": self.version, "message": str(self.error)}


class Shelf:
    """Loads models once, keeps those asked for last, and lets no broken one take over.

    A new version is loaded and tried beside the old one. The old one answers until the new one
    has proved that it can, and goes on answering where it cannot.

    Args:
        load: Loads a model and tries it; raises where it cannot answer.
        max_models: How many to keep.
        max_bytes: How large the weights of all of them may be; one model may be larger.
        pinned: Returns the slot that is never given up.
    """

    def __init__(
        self,
        load: Callable[[StoredModel], LoadedModel],
        max_models: int,
        max_bytes: int,
        pinned: Callable[[], Hashable],
    ) -> None:
        self._load = load
        self._max_models, self._max_bytes = max_models, max_bytes
        self._pinned = pinned
        self._held: OrderedDict[Hashable, LoadedModel] = OrderedDict()
        self._loading: dict[tuple[Hashable, str], Future[LoadedModel]] = {}
        self._faults: dict[Hashable, Fault] = {}
        self._lock = threading.Lock()

    def get(self, slot: Hashable, stored: StoredModel) -> LoadedModel:
        """Return the model of `slot`: `stored`, or the version before it where that must do.

        Args:
            slot: What it is kept under; versions of one model share it.
            stored: The version in use.

        Raises:
            LightboxError: It cannot be loaded, and there is no older version in memory.
        """
        version = stored.card.version
        with self._lock:
            held = self._held.get(slot)
            if held is not None:
                self._held.move_to_end(slot)
                if held.card.version == version or self._just_failed(slot, version):
                    return held
            loading = self._loading.get((slot, version))
            found_it = loading is None
            if loading is None:
                loading = self._start(slot, stored)
        if held is None:
            return loading.result()
        if found_it:
            wait([loading], PATIENCE_S)
        with self._lock:
            return self._held.get(slot, held)

    def last(self, slot: Hashable, error: LightboxError) -> LoadedModel:
        """Return the model of `slot` whose stored form is lost to `error`, or raise that."""
        with self._lock:
            held = self._held.get(slot)
            if held is None:
                raise error
            if not self._just_failed(slot, ""):
                self._note(slot, "", error)
            return held

    def __contains__(self, slot: Hashable) -> bool:
        """Whether some version of it can answer at once."""
        with self._lock:
            return slot in self._held

    def __len__(self) -> int:
        """How many models are in memory."""
        with self._lock:
            return len(self._held)

    def sizes(self) -> dict[str, int]:
        """Return the models in memory with the bytes of their weights."""
        with self._lock:
            return {_text(slot): model.n_bytes for slot, model in self._held.items()}

    def faults(self) -> list[Fault]:
        """Return what could not be loaded when it was last tried."""
        with self._lock:
            return list(self._faults.values())

    def _start(self, slot: Hashable, stored: StoredModel) -> Future[LoadedModel]:
        future: Future[LoadedModel] = Future()
        self._loading[slot, stored.card.version] = future
        # Not in the thread that asks: it may lose its patience, and the next one wants the result.
        threading.Thread(target=self._finish, args=(slot, stored, future), daemon=True).start()
        return future

    def _finish(self, slot: Hashable, stored: StoredModel, future: Future[LoadedModel]) -> None:
        try:
            model = self._load(stored)
        except Exception as error:
            with self._lock:
                del self._loading[slot, stored.card.version]
                self._note(slot, stored.card.version, error)
            future.set_exception(error)
            return
        with self._lock:
            del self._loading[slot, stored.card.version]
            self._faults.pop(slot, None)
            self._keep(slot, model)
        future.set_result(model)

    def _keep(self, slot: Hashable, model: LoadedModel) -> None:
        self._held[slot] = model
        self._held.move_to_end(slot)
        if not self._too_many():
            return
        spared = (slot, self._pinned())
        for other in [held for held in self._held if held not in spared]:  # longest unused first
            del self._held[other]  # whoever still uses it keeps it until he has his answer
            if not self._too_many():
                return

    def _too_many(self) -> bool:
        n_bytes = sum(model.n_bytes for model in self._held.values())
        return len(self._held) > self._max_models or n_bytes > self._max_bytes

    def _just_failed(self, slot: Hashable, version: str) -> bool:
        fault = self._faults.get(slot)
        return (
            fault is not None
            and fault.version == version
            and time.monotonic() - fault.since_s < RETRY_S
        )

    def _note(self, slot: Hashable, version: str, error: Exception) -> None:
        answering = self._held.get(slot)
        logger.error(
            "Version %s of the model %s cannot be loaded; %s.",
            version or "(unknown)",
            slot,
            f"version {answering.card.version} goes on answering" if answering else "none answers",
            exc_info=error,
        )
        told = error if isinstance(error, LightboxError) else _unexpected(slot)
        self._faults[slot] = Fault(slot, version, told, time.monotonic())


def _text(slot: Hashable) -> str:
    return " ".join(slot) if isinstance(slot, tuple) else str(slot)


def _unexpected(slot: Hashable) -> LightboxError:
    return LightboxError(
        "The model “{name}” cannot be loaded. The log of the engine says why.",
        code="damaged_model",
        name=str(slot),
    )
