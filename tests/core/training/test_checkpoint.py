"""Checkpoints as files: whole or not there, and seen through when damaged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from dashboard.core.images import Note
from dashboard.core.settings import REPOSITORY
from dashboard.core.training.checkpoint import load_checkpoint, save_checkpoint


def save(folder: Path, step: int) -> None:
    values = [np.full((50,), step, np.float32)]
    learner = SimpleNamespace(
        network=SimpleNamespace(variables=values), optimizer=SimpleNamespace(variables=[])
    )
    save_checkpoint(folder, learner, step, {})


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        save(tmp_path, step)
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "000000002.checkpoint", "000000003.checkpoint",
    ]  # fmt: skip


def test_a_flipped_byte_costs_one_checkpoint_and_is_said(tmp_path: Path) -> None:
    notes: list[Note] = []
    for step in (2, 3):
        save(tmp_path, step)
    found = load_checkpoint(tmp_path, notes.append)
    assert found is not None
    assert (found.step, notes) == (3, [])
    flip(tmp_path / "000000003.checkpoint")
    found = load_checkpoint(tmp_path, notes.append)
    assert found is not None
    assert (found.step, float(found.variables[0][0])) == (2, 2.0)
    assert "from the one before, at batch {step}" in notes[-1].template
    assert notes[-1].values == {"step": 2}
    flip(tmp_path / "000000002.checkpoint")
    assert load_checkpoint(tmp_path, notes.append) is None
    assert "began anew" in notes[-1].template


def test_nothing_is_said_where_there_was_none(tmp_path: Path) -> None:
    notes: list[Note] = []
    assert load_checkpoint(tmp_path / "none", notes.append) is None
    assert notes == []


def test_a_process_killed_while_it_saves_leaves_one_that_loads(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.core.training.saving", str(tmp_path), "100"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    steps, torn = map(int, done.stdout.split())
    assert steps > 2  # it got on
    assert torn > 2  # and was killed in the middle
