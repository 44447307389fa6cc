"""Where a training stood: everything the rest of it depends on, in one file.

Batches follow from the recipe and their number, so beside that number it takes the model's and the
optimiser's variables (the states of random layers among them) and what callbacks remember.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.core.atomic import sweep, write_bytes
from dashboard.core.images import Note
from dashboard.core.text import mark

if TYPE_CHECKING:
    from dashboard.core.training.learner import Learner

_KEPT = 2
"""The last one and, should its bytes be damaged, the one before."""

_FELL_BACK = mark(
    "The newest checkpoint was damaged; the run went on from the one before, at batch {step}."
)
_BEGAN_ANEW = mark("Every checkpoint was damaged, so the run began anew.")
_LOG = logging.getLogger(__name__)
_DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A position in a run.

    Attributes:
        step: Batches trained.
        variables: Values, in the order of `variables_of`.
        state: Name of a callback → what it remembers, as JSON takes it.
    """

    step: int
    variables: list[np.ndarray]
    state: dict[str, Any]


def variables_of(learner: Learner) -> list[Any]:
    """Return every Keras variable that training changes."""
    return [*learner.network.variables, *learner.optimizer.variables]


def save_checkpoint(folder: Path, learner: Learner, step: int, state: dict[str, Any]) -> None:
    """Write the position after `step` batches; older ones but the last are removed.

    Raises:
        DiskFull: Nothing was written; the older ones are still there.
    """
    variables = variables_of(learner)
    arrays: dict[str, Any] = {f"{n:05d}": np.asarray(v) for n, v in enumerate(variables)}
    arrays["state"] = np.array(json.dumps({"step": step, "state": state}))
    out = io.BytesIO()
    np.savez(out, **arrays)
    content = out.getvalue()
    write_bytes(folder / f"{step:09d}.checkpoint", hashlib.sha256(content).digest() + content)
    for path in _paths(folder)[_KEPT:]:
        path.unlink()


def load_checkpoint(folder: Path, tell: Callable[[Note], None]) -> Checkpoint | None:
    """Return the newest position that can be read, or None where there is none.

    Args:
        folder: Where they are kept; what a killed process left half written there is removed.
        tell: Gets a note where something was damaged.
    """
    sweep(folder, 0)
    paths = _paths(folder)
    for path in paths:
        checkpoint = _read(path.read_bytes())
        if not checkpoint:
            _LOG.warning("the checkpoint %s is damaged; trying the one before", path.name)
            continue
        if path != paths[0]:
            tell(Note("checkpoint_damaged", _FELL_BACK, {"step": checkpoint.step}))
        return checkpoint
    if paths:
        tell(Note("checkpoint_damaged", _BEGAN_ANEW, {}))
    return None


def _read(content: bytes) -> Checkpoint | None:
    if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
        return None
    with np.load(io.BytesIO(content[_DIGEST:]), allow_pickle=False) as found:
        head = json.loads(str(found["state"]))
        names = sorted(name for name in found.files if name != "state")
        return Checkpoint(head["step"], [found[name] for name in names], head["state"])


def restore(learner: Learner, checkpoint: Checkpoint) -> None:
    """Put `learner`, made as it was, where the run stood."""
    for variable, value in zip(variables_of(learner), checkpoint.variables, strict=True):
        variable.assign(value)


def remove_checkpoints(folder: Path) -> None:
    """Forget where the run stood; it has ended."""
    shutil.rmtree(folder, ignore_errors=True)


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.checkpoint"), reverse=True)
