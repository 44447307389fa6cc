"""A running Lightbox whose capacity is known."""

from __future__ import annotations

import time
from pathlib import Path

from dashboard.core.settings import settings
from tests.bench.load.flows import Flow, Outcome, percentile, send
from tests.bench.load.watched import Held, held
from tests.bench.serving import Client
from tests.server import Lightbox

MEASURED_S = 10.0
NORMAL = 3
"""An idle Lightbox answers in so many times S at most."""


class Bench:
    """What the tests share.

    Args:
        lightbox: It runs.
        folder: With `good.jpg` and the folder `corpus`.
    """

    def __init__(self, lightbox: Lightbox, folder: Path) -> None:
        self.lightbox = lightbox
        self.good = (str(folder / "good.jpg"),)
        self.corpus = tuple(str(path) for path in sorted((folder / "corpus").iterdir()))
        self.content = (folder / "good.jpg").read_bytes()
        self.seconds = MEASURED_S
        self.s_ms = self.capacity = 0.0

    def measure(self) -> None:
        """Set and print S and C, after a warm-up."""
        self.send(Flow("users", 2, pictures=self.good), seconds=3)
        (alone,) = self.send(Flow("users", 1, pictures=self.good), seconds=MEASURED_S)
        (crowd,) = self.send(Flow("users", 8, pictures=self.good), seconds=MEASURED_S)
        self.s_ms, self.capacity = percentile(alone.accepted, 0.5), crowd.goodput
        print(f"S = {self.s_ms:.1f} ms, C = {self.capacity:.1f}/s", flush=True)

    def send(self, *flows: Flow, seconds: float = 0.0) -> list[Outcome]:
        """Send the flows, for `seconds` where the test's own do not do."""
        return send(self.lightbox.url, seconds or self.seconds, *flows)

    def held(self) -> Held:
        """What Lightbox holds now."""
        return held(self.lightbox, settings().temporary)

    def normal_after(self) -> float:
        """Return the seconds until five answers in a row are as quick as on an idle machine."""
        began, quick = time.monotonic(), 0
        client = Client(self.lightbox.url, self.content)
        while quick < 5:
            asked = time.monotonic()
            try:
                client.classify()
            except OSError:
                quick = 0
                continue
            quick = quick + 1 if time.monotonic() - asked < NORMAL * self.s_ms / 1e3 else 0
            if time.monotonic() - began > 60:
                return float("inf")
        return time.monotonic() - began
