"""How the learning rate changes over a run: the page draws the numbers the training follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dashboard.core.text import mark


@dataclass(frozen=True)
class Schedule:
    """One entry of the catalogue.

    Attributes:
        id: Stable name, as in recipes.
        label: Name shown to people.
        description: What it does and where it is from.
        shape: `t → share of the highest rate`, for the position t in [0, 1) of each batch.
    """

    id: str
    label: str
    description: str
    shape: Callable[[np.ndarray], np.ndarray]


def _steps(t: np.ndarray) -> np.ndarray:
    return np.select([t < 0.5, t < 0.75], [1.0, 0.1], 0.01)


def _cosine(t: np.ndarray) -> np.ndarray:
    found: np.ndarray = 0.5 * (1 + np.cos(np.pi * t))
    return found


def _one_cycle(t: np.ndarray) -> np.ndarray:
    rising = 0.04 + 0.96 * t / _PEAK
    return np.where(t < _PEAK, rising, _cosine((t - _PEAK) / (1 - _PEAK)))


def _range_test(t: np.ndarray) -> np.ndarray:
    return 10.0 ** (6 * (t - 1))


_PEAK = 0.25

SCHEDULES = (
    Schedule("constant", mark("Constant"), mark("The same rate all along."), np.ones_like),
    Schedule(
        "step",
        mark("Steps"),
        mark("A tenth after half of the run, a hundredth after three quarters (He et al. 2015)."),
        _steps,
    ),
    Schedule(
        "cosine",
        mark("Cosine"),
        mark("Falls to zero along half a cosine (Loshchilov & Hutter 2016, arXiv 1608.03983)."),
        _cosine,
    ),
    Schedule(
        "one_cycle",
        mark("One cycle"),
        mark(
            "Rises to its highest in the first quarter and falls to zero (Smith & Topin 2017, "
            "arXiv 1708.07120): for short runs."
        ),
        _one_cycle,
    ),
    Schedule(
        "plateau",
        mark("On plateaus"),
        mark("Halved whenever the validation loss has not fallen for three epochs."),
        np.ones_like,
    ),
    Schedule(
        "range_test",
        mark("Range test"),
        mark(
            "Grows from a millionth of the rate to the rate: where the loss falls fastest is a "
            "good rate, where it rises is too much (Smith 2015, arXiv 1506.01186)."
        ),
        _range_test,
    ),
)


def rates(schedule: str, highest: float, warmup: float, steps: int) -> np.ndarray:
    """Return the learning rate of every batch: float32 (steps,).

    Args:
        schedule: Id of an entry.
        highest: The recipe's learning rate.
        warmup: Share of the run over which the rate rises from zero in a line; the schedule begins
            after it.
        steps: Batches of the run.
    """
    entry = next(item for item in SCHEDULES if item.id == schedule)
    rising = round(warmup * steps)
    after = entry.shape(np.arange(steps - rising) / max(steps - rising, 1))
    line = (np.arange(rising) + 1) / max(rising, 1)
    return (highest * np.concatenate([line, after])).astype(np.float32)
