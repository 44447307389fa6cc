"""A run as it was at a batch: the newest one of a run that goes on, any one of one that is over."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.core.runs.epochs import EpochReport, report_at
from dashboard.core.runs.history import Curves, cut
from dashboard.core.runs.progress import Progress, progress
from dashboard.core.runs.tracking import Run


@dataclass(frozen=True, eq=False)
class Moment:
    """What was known of a run when a batch had been trained.

    Attributes:
        step: Batches trained by then.
        last: Batches trained by now.
        curves: Metric → (step, value) up to then.
        report: The newest one by then, blank before the first; None where the run has none.
        progress: How far the run was.
    """

    step: int
    last: int
    curves: Curves
    report: EpochReport | None
    progress: Progress

    @property
    def newest(self) -> bool:
        """Whether the run has come no further."""
        return self.step == self.last


def moment(run: Run, curves: Curves, step: int | None = None) -> Moment:
    """Return `run` as it was at a batch.

    Args:
        run: Which run.
        curves: Metric → (step, value), all that there is; `loss` and `images_per_second` among
            them.
        step: Batches trained by then; None for as far as the run has come.
    """
    last = curves["loss"][-1][0] if curves["loss"] else 0
    step = last if step is None else min(step, last)
    past = {key: cut(curve, step) for key, curve in curves.items()}
    return Moment(
        step=step,
        last=last,
        curves=past,
        report=report_at(run.id, step),
        progress=progress(run, past["loss"], past["images_per_second"]),
    )
