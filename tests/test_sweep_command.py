"""The command `sweep`, with real runs in processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dashboard.core.settings import REPOSITORY
from dashboard.core.sweeps.sweep import parse_sweep_toml
from tests.core.sweeps.conftest import digits, empty_store, sweep_home

__all__ = ["digits", "empty_store", "sweep_home"]

FILE = """
# Which step size?
network = "doc-001"
epochs = 1

[sweep]
method = "grid"

[search]
learning_rate = [0.001, 0.00001, 1.0]
"""


def command(home: Path, *words: object) -> list[str]:
    return [sys.executable, "-m", "dashboard", "sweep", *map(str, words), "--home", str(home)]


def environment() -> dict[str, str]:
    return {**os.environ, "LANG": "C.UTF-8", "COLUMNS": "200"}


def done(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(home, *words), cwd=REPOSITORY, env=environment(), capture_output=True, text=True
    )


@pytest.mark.timeout(900)
def test_a_sweep_is_interrupted_and_goes_on(sweep_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "rates.toml"
    path.write_text(FILE)
    process = subprocess.Popen(
        command(sweep_home, path),
        cwd=REPOSITORY,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        # A suite started in the background hands down an interrupt that is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    found = re.fullmatch(r"sweep ([0-9a-f]{12}): 3 runs; Ctrl\+C stops it\n", first)
    assert found, first
    line = process.stdout.readline()
    assert re.fullmatch(r"1/3 +\d+\.\d%  learning_rate 0\.001  finished\n", line), line
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate()
    assert process.returncode == 1
    sweep_id = found[1]
    assert f"Stopped. This goes on with it: sweep {sweep_id}" in rest

    went_on = done(sweep_home, sweep_id, "--json")
    assert went_on.returncode == 0, went_on.stderr
    result = json.loads(went_on.stdout)
    assert result["status"] == "finished"
    assert sorted(trial["number"] for trial in result["trials"]) == [1, 2, 3]
    assert sorted(trial["values"]["learning_rate"] for trial in result["trials"]) == [
        1e-5,
        1e-3,
        1.0,
    ]
    assert result["best"] == result["trials"][0]
    assert result["best"]["values"] == {"learning_rate": 0.001}
    assert result["best"]["val_accuracy"] > 0.5
    assert tomllib.loads(result["recipe"])["learning_rate"] == 0.001
    assert "3/3" in went_on.stderr  # the lines of progress are not among the JSON
    kept = sweep_home / "sweeps" / sweep_id / "sweep.toml"
    assert kept.read_text() == FILE  # as it was written, with its comment

    again = done(sweep_home, sweep_id)  # only shows what there is
    assert again.returncode == 0
    assert "Best first" in again.stdout
    assert "learning_rate = 0.001" in again.stdout


def test_errors_are_one_sentence(sweep_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(FILE.replace("learning_rate", "learning_rates"), "utf-8-sig")
    for words, sentence in (
        ((path,), "A sweep cannot vary “learning_rates”."),
        ((tmp_path / "gone.toml",), "There is no sweep “"),
        (("0" * 12,), "There is no sweep “000000000000”."),
    ):
        found = done(sweep_home, *words)
        assert found.returncode == 1
        assert " ".join(found.stderr.split()).startswith(sentence)
        assert "Traceback" not in found.stderr
    assert not (sweep_home / "sweeps").exists()


def test_the_file_of_the_readme_is_a_sweep() -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    (text,) = (
        text for text in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "[sweep]" in text
    )
    assert parse_sweep_toml(text, trials=8).method == "asha"
