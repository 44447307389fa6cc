"""Who asks, and how often; what they got."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from dashboard.core.settings import REPOSITORY


@dataclass(frozen=True)
class Flow:
    """Clients of one kind.

    Attributes:
        kind: `open`: a request each 1/`rate` s, whether those before are answered or not;
            `users`: `n` users who wait for their answer and then think `think_s`; `burst`: `n` at
            once; `slow`: `n` connections that send a byte of their body per second.
        n: How many.
        rate: Requests per second.
        think_s: Pause of a user.
        pictures: Files to send in turn.
        client: Beginning of the clients' addresses in `X-Forwarded-For`, such as `203.0.113.`;
            empty: none is given.
        one_client: Whether all of them have the same address.
    """

    kind: str
    n: int = 1
    rate: float = 0.0
    think_s: float = 0.0
    pictures: tuple[str, ...] = ()
    client: str = ""
    one_client: bool = False


@dataclass
class Outcome:
    """What the requests of a flow came to.

    Attributes:
        seconds: For how long they were sent.
        answers: Status, 0 if there was none → how long each took, in milliseconds.
        told_when: Refusals that said when to try again.
    """

    seconds: float
    answers: dict[int, list[float]] = field(default_factory=dict)
    told_when: int = 0

    @property
    def goodput(self) -> float:
        """Accepted per second."""
        return len(self.accepted) / self.seconds

    @property
    def accepted(self) -> list[float]:
        """How long the accepted took, in milliseconds."""
        return sorted(self.answers.get(200, []))

    @property
    def refused(self) -> list[float]:
        """How long the refused took, in milliseconds."""
        return sorted(self.answers.get(503, []) + self.answers.get(429, []))

    @property
    def statuses(self) -> dict[int, int]:
        """Status → how many."""
        return dict(sorted(Counter({k: len(v) for k, v in self.answers.items()}).items()))

    @property
    def faults(self) -> int:
        """Answers that nobody should get: none, a 5xx that is no refusal, a refusal without
        `Retry-After`."""
        bad = sum(n for status, n in self.statuses.items() if status == 0 or status >= 500)
        return bad - self.statuses.get(503, 0) + len(self.refused) - self.told_when

    def row(self) -> str:
        """Return it as one line."""
        return (
            f"{self.goodput:.1f}/s accepted, {_spread(self.accepted)}; "
            f"{len(self.refused)} refused, {_spread(self.refused)}; "
            f"statuses {self.statuses}, faults {self.faults}"
        )


def percentile(values: list[float], share: float) -> float:
    """Return that of sorted values; NaN of none."""
    return values[min(int(share * len(values)), len(values) - 1)] if values else float("nan")


def _spread(values: list[float]) -> str:
    found = "/".join(f"{percentile(values, share):.0f}" for share in (0.5, 0.95, 0.99, 1))
    return f"p50/p95/p99/max {found} ms"


def send(url: str, seconds: float, *flows: Flow) -> list[Outcome]:
    """Send the requests of all flows at the same time, from a process of its own."""
    spec = {"url": url, "seconds": seconds, "flows": [asdict(flow) for flow in flows]}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load.generator"],
        input=json.dumps(spec),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    if told["cpu_share"] > 0.4:
        print(f"  discard this: the generator took {told['cpu_share']:.0%} of a core")
    return [
        Outcome(each["seconds"], {int(k): v for k, v in each["answers"].items()}, each["told_when"])
        for each in told["outcomes"]
    ]
