"""A run's network after its last epoch, for whoever wants its answer while it trains.

    <run>/snapshot/{model.keras, card.json}    written once: what the network is
    <run>/snapshot/00003.npy                   its weights after epoch 3; older ones are removed

Weights alone are written and read in a few milliseconds, whole models in 50 to 500.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from dashboard.core.runs import tracking


def snapshot_folder(run_id: str) -> Path:
    """Folder of the snapshot of a run."""
    return tracking.folder(run_id) / "snapshot"


def keep_newest(folder: Path, epoch: int, write: Callable[[Path], None]) -> None:
    """Write the weights after `epoch`, from 1, then remove the older ones."""
    path = folder / f"{epoch:05d}.npy"
    write(path)
    for older in folder.glob("*.npy"):
        if older != path:
            older.unlink()


def newest_weights(folder: Path) -> tuple[int, Path] | None:
    """Return the last epoch whose weights are there, and their file.

    The file may be gone when it is read, because a newer one has come.
    """
    path = max(folder.glob("[0-9]*.npy"), default=None)
    return (int(path.stem), path) if path else None


def answering_epoch(run_id: str) -> int | None:
    """Return the epoch a run can be asked as of, 0 for its finished model, None for neither."""
    newest = newest_weights(snapshot_folder(run_id))
    if newest:
        return newest[0]
    return 0 if (tracking.artifacts(run_id) / "card.json").is_file() else None


def remove_snapshot(folder: Path) -> None:
    """Forget the snapshot; the model itself is there now."""
    shutil.rmtree(folder, ignore_errors=True)
