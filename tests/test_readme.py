"""The README's commands work as printed."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.core.settings import REPOSITORY
from tests.server import Lightbox

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def commands(start: str) -> list[str]:
    return [line for line in README.splitlines() if line.startswith(start)]


def test_the_command_line(tmp_path: Path) -> None:
    found = commands(".venv/bin/python -m dashboard ")
    assert len(found) >= 7
    for line in found:
        words = shlex.split(line.replace("explained", str(tmp_path / "explained")))
        done = subprocess.run(
            [sys.executable, *words[1:], "--home", str(tmp_path / "home")],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, line + done.stdout + done.stderr
        assert done.stdout.strip()
    assert (tmp_path / "explained" / "7.grad_cam.png").stat().st_size > 1000


def test_curl(lightbox: Lightbox) -> None:
    found = commands("curl ")
    assert len(found) >= 4
    for line in found:
        local = line.replace("http://127.0.0.1:8501", lightbox.url)
        done = subprocess.run(shlex.split(local), cwd=REPOSITORY, capture_output=True, check=True)
        answer = json.loads(done.stdout)
        assert answer, line
        assert "error" not in answer or answer["error"] is None, done.stdout
    lightbox.end_runs()  # one of them trains, and the tests after this one look at files


def run_example(word: str, server: Lightbox, folder: Path) -> str:
    """Run the Python example with `word` in it against `server`; return what it prints."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (code,) = [block for block in blocks if word in block]
    done = subprocess.run(
        [sys.executable, "-c", code.replace("http://127.0.0.1:8501", server.url)],
        cwd=REPOSITORY,
        env={**os.environ, "GRADIO_TEMP_DIR": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_script_that_uses_the_widget(lightbox: Lightbox, tmp_path: Path) -> None:
    told = run_example("gradio_client", lightbox, tmp_path)
    assert told.startswith("7 ")
    pictures = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(str(path) in told for path in pictures)  # the heat map and the evidence
    assert len(pictures) >= 2


def test_presets_and_targets_are_the_real_ones() -> None:
    from dashboard.core.training.recipe import presets

    for name in presets():
        assert f"`{name}`" in README
    makefile = (REPOSITORY / "Makefile").read_text()
    for target in re.findall(r"^make ([a-z]+)", README, re.MULTILINE):
        assert f"\n{target}:" in makefile


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)]+)\)", README))
def test_links_inside_the_repository_exist(path: str) -> None:
    assert (REPOSITORY / path).exists()
