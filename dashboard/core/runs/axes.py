"""Along what the curves of several runs are laid over each other."""

from __future__ import annotations

from typing import Literal

import numpy as np

from dashboard.core.runs.history import Curve

Axis = Literal["epoch", "batch", "seconds"]


def training_clock(speeds: Curve, batch_size: int) -> Curve:
    """Return (step, seconds of training until then).

    Validation, pauses and waiting are not in it: a batch takes its images over the speed. So
    machines and batch sizes can be compared, also of a run that was resumed.

    Args:
        speeds: (step, images per second) as tracked; between two of them the later one holds.
        batch_size: Images in a batch; that the last of an epoch may have fewer is neglected.
    """
    steps = np.array([step for step, _ in speeds], np.float64)
    rates = np.array([speed for _, speed in speeds], np.float64)
    taken = np.cumsum(np.diff(steps, prepend=0) * batch_size / np.maximum(rates, 1e-9))
    return list(zip(steps.astype(int).tolist(), taken.tolist(), strict=True))


def along(
    curve: Curve, axis: Axis, steps_per_epoch: int, clock: Curve
) -> tuple[list[float], list[float]]:
    """Return where on the axis the points of a curve lie, and their values.

    Args:
        curve: (step, value).
        axis: `"batch"` counts the steps, `"epoch"` passes over the images, `"seconds"` the time.
        steps_per_epoch: Batches of an epoch.
        clock: As `training_clock` gives it; only asked for seconds.
    """
    steps = np.array([step for step, _ in curve], np.float64)
    values = [value for _, value in curve]
    if axis == "epoch":
        return (steps / max(steps_per_epoch, 1)).tolist(), values
    if axis == "seconds":
        if not clock:
            return [], []
        times, seconds = zip(*clock, strict=True)
        return np.interp(steps, (0, *times), (0, *seconds)).tolist(), values
    return steps.tolist(), values
