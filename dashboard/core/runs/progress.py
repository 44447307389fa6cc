"""How far a run is and how long it will take."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.core.runs.tracking import Run


@dataclass(frozen=True)
class Progress:
    """A run's position.

    Attributes:
        epoch: The epoch of the newest batch, from 1.
        epochs: How many there will be.
        step: Batches trained, over all epochs.
        steps: Batches of the whole run.
        images_per_second: Over the last batches.
        eta_s: Seconds until the training ends, or None when unknown.
        eta_range_s: The same at the speeds of the faster and the slower batches (80 % of them).
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    images_per_second: float
    eta_s: float | None
    eta_range_s: tuple[float, float] | None


def progress(run: Run, curve: list[tuple[int, float]], speeds: list[tuple[int, float]]) -> Progress:
    """Work out where a run is from its plan and its newest values.

    Args:
        run: With the tags `epochs` and `steps_per_epoch` once the plan is known.
        curve: (step, loss) so far.
        speeds: (step, images per second) so far.
    """
    epochs, per_epoch = int(run.tags.get("epochs", 0)), int(run.tags.get("steps_per_epoch", 0))
    step = curve[-1][0] if curve else 0
    recent = sorted(value for _, value in speeds[-50:])
    slow, speed, fast = (
        (recent[len(recent) * part // 10] for part in (1, 5, 9)) if recent else (0, 0, 0)
    )
    left = epochs * per_epoch - step
    batch = int(run.params.get("batch_size", 0))
    return Progress(
        epoch=max(-(-step // per_epoch), 1) if per_epoch else 0,
        epochs=epochs,
        step=step,
        steps=epochs * per_epoch,
        images_per_second=speed,
        eta_s=left * batch / speed if speed and epochs else None,
        eta_range_s=(left * batch / fast, left * batch / slow) if slow and epochs else None,
    )
