"""Going through a run that is over: where one can stand in it, and how it is played."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from dashboard.core.runs import tracking
from dashboard.core.runs.history import Curve
from dashboard.core.runs.tracking import Run

_PLACES = 240
"""Of a slider: about as many as there are steps in two minutes, and fewer than its pixels."""

_MOST_EPOCHS = 1000
"""Of a longer run not every epoch has a place: more would take a browser too long."""


@dataclass(frozen=True)
class Timeline:
    """The course of a run.

    Attributes:
        places: Where one can stand, as numbers of batches: from 0, where nothing is known yet, to
            the last one, and at the end of every epoch in between.
        clock: (batches, seconds since the first one), in order.
    """

    places: tuple[int, ...]
    clock: tuple[tuple[int, float], ...]

    @property
    def last(self) -> int:
        """Batches of the run."""
        return self.places[-1]

    def place(self, step: float) -> int:
        """Return the last place up to `step`."""
        return self.places[max(bisect_right(self.places, step) - 1, 0)]

    def seconds(self, step: float) -> float:
        """Return how long the run had trained when it came to `step`."""
        steps, seconds = zip(*self.clock, strict=True)
        return float(np.interp(step, steps, seconds))

    def step(self, seconds: float) -> float:
        """Return how far the run had come after so many seconds."""
        steps, times = zip(*self.clock, strict=True)
        return float(np.interp(seconds, times, steps))


def timeline(run: Run, last: int) -> Timeline:
    """Return the course of a run.

    Args:
        run: One that is over.
        last: Batches it has trained, at least 1.
    """
    per_epoch = int(run.tags.get("steps_per_epoch", 0)) or last
    clock = [(0, 0.0), *without_pauses(tracking.times(run.id, "loss"), run.seconds)]
    if clock[-1][0] < last:  # long runs are sampled
        clock.append((last, clock[-1][1]))
    return Timeline(places(last, per_epoch), tuple(clock))


def places(last: int, per_epoch: int) -> tuple[int, ...]:
    """Return 0, `last`, the ends of the epochs and as many places between as make about 240.

    Args:
        last: Batches of the run.
        per_epoch: Batches of an epoch.
    """
    epochs = -(-last // per_epoch)
    stretch = per_epoch * -(-epochs // _MOST_EPOCHS)
    stretches = -(-last // stretch)
    parts = min(max(_PLACES // stretches, 1), stretch)
    found = {place * stretch // parts for place in range(stretches * parts + 1)}
    return tuple(sorted({place for place in found if place < last} | {last}))


def without_pauses(times: Curve, worked: float | None) -> list[tuple[int, float]]:
    """Return (step, seconds since the first) of a run that may have been broken off and resumed.

    Its longest gaps are left out, until the rest is no longer than it was worked on.

    Args:
        times: (step, Unix seconds), in the order of the steps.
        worked: Seconds; None where that is not known.
    """
    gaps = np.diff([second for _, second in times], prepend=times[0][1] if times else 0).clip(0)
    for gap in np.argsort(-gaps, kind="stable"):
        if worked is None or gaps.sum() <= worked:
            break
        gaps[gap] = 0
    return [(step, float(t)) for (step, _), t in zip(times, np.cumsum(gaps), strict=True)]


@dataclass(frozen=True)
class Play:
    """A replay under way.

    Attributes:
        run_id: Of which run.
        start: The batch it began at.
        began: When, in seconds of any clock.
        duration: Seconds that the whole run takes; None for as long as it took.
    """

    run_id: str
    start: int
    began: float
    duration: float | None

    def step(self, timeline: Timeline, now: float) -> float:
        """Return how far it is.

        Args:
            timeline: Of the run.
            now: The time by the same clock.
        """
        passed = now - self.began
        if self.duration is None:
            return timeline.step(timeline.seconds(self.start) + passed)
        return min(self.start + passed / self.duration * timeline.last, timeline.last)
