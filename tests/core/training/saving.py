"""Saves checkpoints again and again in a process that is killed meanwhile; see test_checkpoint.

Forks before anything has threads, so that a hundred processes cost as much as one.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from dashboard.core.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint


def save_for_ever(folder: Path, step: int) -> None:
    while True:
        step += 1
        values = [np.full((100_000,), step, np.float32), np.full((7,), -step, np.float32)]
        learner = SimpleNamespace(
            network=SimpleNamespace(variables=values), optimizer=SimpleNamespace(variables=[])
        )
        save_checkpoint(folder, learner, step, {"step": step})


def is_whole(found: Checkpoint | None) -> bool:
    return (
        found is not None
        and all((value == found.step).all() for value in found.variables[:1])
        and (found.variables[1] == -found.step).all()
        and found.state == {"step": found.step}
    )


def main(folder: Path, times: int) -> None:
    steps, torn = [0], 0
    for _ in range(times):
        child = os.fork()
        if not child:
            save_for_ever(folder, steps[-1])
        while not any(folder.glob("*.checkpoint")):  # the first one
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        torn += any(folder.glob(".tmp-*"))
        notes: list[object] = []
        found = load_checkpoint(folder, notes.append)
        assert is_whole(found), found
        assert notes == []
        assert found.step >= steps[-1]
        steps.append(found.step)
        assert all(path.suffix == ".checkpoint" for path in folder.iterdir())
    print(len(set(steps)), torn)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
