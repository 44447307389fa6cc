"""What a run looked like after each epoch: one small file each, kept for live view and replay."""

from __future__ import annotations

import io
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from dashboard.core.atomic import write_bytes
from dashboard.core.runs import tracking


@dataclass(frozen=True, eq=False)
class EpochReport:
    """The validation after an epoch.

    Attributes:
        epoch: From 1; 0 for a blank one.
        step: Batches trained.
        confusion: int64 (classes, classes): images by true and predicted class, a block for
            each task; (0, 0) where images may have several classes.
        ids: Of the pinned images.
        targets: Their classes, int64 (p,), or 1 where a label applies, uint8 (p, classes).
        probabilities: float32 (p, classes), what the network said of each.
        heat: uint8 (tasks, p, rows, columns), where it looked for its answer to each; (tasks, 0,
            0, 0) where that cannot be told.
    """

    epoch: int
    step: int
    confusion: np.ndarray
    ids: tuple[str, ...]
    targets: np.ndarray
    probabilities: np.ndarray
    heat: np.ndarray


def epochs_folder(run_id: str) -> Path:
    """Folder of the reports of a run."""
    return tracking.folder(run_id) / "epochs"


def save_epoch(folder: Path, report: EpochReport) -> None:
    """Write the report of an epoch; one that is there, as after a resumption, is replaced."""
    out = io.BytesIO()
    np.savez_compressed(
        out,
        step=np.array(report.step),
        confusion=report.confusion,
        ids=np.array(report.ids),
        targets=report.targets,
        probabilities=report.probabilities,
        heat=report.heat,
    )
    write_bytes(folder / f"{report.epoch:05d}.npz", out.getvalue())


def reported_epochs(run_id: str) -> list[int]:
    """Return the epochs that have a report, in order."""
    return sorted(int(path.stem) for path in epochs_folder(run_id).glob("*.npz"))


@lru_cache(maxsize=64)  # a replay goes back and forth; an epoch's report takes about 20 KB
def load_epoch(run_id: str, epoch: int) -> EpochReport:
    """Return the report of an epoch that `reported_epochs` names."""
    path = epochs_folder(run_id) / f"{epoch:05d}.npz"
    with np.load(path, allow_pickle=False) as found:
        heat = found["heat"]
        return EpochReport(
            epoch,
            int(found["step"]),
            found["confusion"],
            tuple(str(item) for item in found["ids"]),
            found["targets"],
            found["probabilities"],
            heat if heat.ndim == 4 else heat[None],  # written before there could be several
        )


def report_at(run_id: str, step: int) -> EpochReport | None:
    """Return the newest report of a run when `step` batches were trained.

    Before the first one it is that one without what the network said; None where there is none.
    """
    epochs = reported_epochs(run_id)
    found = bisect_right(epochs, step, key=lambda epoch: load_epoch(run_id, epoch).step)
    if found:
        return load_epoch(run_id, epochs[found - 1])
    return _blank(load_epoch(run_id, epochs[0])) if epochs else None


def _blank(first: EpochReport) -> EpochReport:
    return replace(
        first,
        epoch=0,
        step=0,
        confusion=np.zeros_like(first.confusion),
        probabilities=np.zeros_like(first.probabilities),
        heat=first.heat[:, :0],
    )
