"""Puts images that wait at the same time into one call of the network."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from dashboard.core.models.outputs import Outputs
from dashboard.core.serving.backends import has_gpu
from dashboard.core.settings import settings

GPU_BATCH = 8


def max_batch() -> int:
    """Return how many images go through a network together here.

    On a CPU each goes by itself: two cores take 1.4 times as long for eight MobileNetV2 images
    together as for the same eight one by one in two threads (`tests/bench/README.md`).
    """
    return settings().max_batch or (GPU_BATCH if has_gpu() else 1)


@dataclass(eq=False)
class _Waiting:
    batch: np.ndarray
    answer: Future[Outputs] = field(default_factory=Future)


class Batcher:
    """Calls the network once at a time, with everything that came in meanwhile.

    Nobody waits for company by default: who finds the network idle goes at once, and those who
    come while it is busy go together next.

    Args:
        outputs: Of a network, for uint8 (n, h, w, c).
        max_batch: How many requests go together at most.
        wait_s: How long a call that could take more waits for them.
    """

    def __init__(
        self, outputs: Callable[[np.ndarray], Outputs], max_batch: int, wait_s: float = 0.0
    ) -> None:
        self._outputs = outputs
        self._max_batch, self._wait_s = max_batch, wait_s
        self._waiting: deque[_Waiting] = deque()
        self._turn = threading.Lock()

    def outputs(self, batch: np.ndarray) -> Outputs:
        """Return what the network makes of a uint8 (n, h, w, c) batch; safe in threads."""
        own = _Waiting(batch)
        self._waiting.append(own)
        with self._turn:  # whoever has the turn works for all who wait
            while not own.answer.done():
                self._call()
        return own.answer.result()

    def _call(self) -> None:
        if self._wait_s and len(self._waiting) < self._max_batch:
            time.sleep(self._wait_s)
        n = min(len(self._waiting), self._max_batch)
        together = [self._waiting.popleft() for _ in range(n)]
        try:
            found = self._outputs(np.concatenate([each.batch for each in together]))
        except Exception as error:
            for each in together:
                each.answer.set_exception(error)
            return
        ends = np.cumsum([len(each.batch) for each in together])[:-1]
        parts = zip(np.split(found.logits, ends), np.split(found.features, ends), strict=True)
        for each, part in zip(together, parts, strict=True):
            each.answer.set_result(Outputs(*part))
