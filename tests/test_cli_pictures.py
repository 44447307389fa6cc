"""Every picture of the corpus through the command line, in one real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.core.errors import LightboxError
from dashboard.core.settings import REPOSITORY
from tests import contract, corpus

Files = list[tuple[Path, corpus.Row]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The pictures, under their names where a file can have them."""
    folder = tmp_path_factory.mktemp("pictures")
    found = []
    for number, row in enumerate(corpus.IMAGES):
        name = row.name.replace("/", "_").replace("\0", "_")[:200]
        path = folder / f"{number:03d}" / name
        path.parent.mkdir()
        path.write_bytes(row.make())
        found.append((path, row))
    return found


def classify(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dashboard", "classify", "--home", str(home)]
    return subprocess.run(
        [*command, *map(str, words)],
        cwd=REPOSITORY,
        env={**os.environ, "LANG": "C.UTF-8", "COLUMNS": "400"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_every_picture_gets_its_verdict(files: Files, tmp_path: Path) -> None:
    done = classify(tmp_path / "home", "--json", "--", *(path for path, _ in files))
    assert (done.returncode, done.stderr) == (1, "")
    for told, (path, row) in zip(json.loads(done.stdout), files, strict=True):
        assert told["image"] == path.name
        if "error" in told:
            error = LightboxError.from_json(told["error"])
            contract.check_sentence(str(error))
            assert row.allows(error.code), row.id
            continue
        contract.check_probabilities([item["probability"] for item in told["predictions"]])
        assert row.allows(contract.verdict([note["code"] for note in told["notes"]])), row.id
    assert not (tmp_path / "home").exists()


def test_bad_pictures_among_good_ones_are_named(files: Files, tmp_path: Path) -> None:
    by_id = {row.id: path for path, row in files}
    rows = ["I12 32×32", "I1 empty", "I38 markup", "I38 escape", "I9 7×7", "I38 emoji"]
    latin = tmp_path / os.fsdecode(b"caf\xe9.png")
    latin.write_bytes(contract.GOOD)
    paths = [*(by_id[row] for row in rows), latin, latin.with_suffix(".none")]
    assert len(json.loads(classify(tmp_path / "home", "--json", *paths).stdout)) == len(paths)
    done = classify(tmp_path / "home", *paths)
    assert done.returncode == 1
    first, second, third = done.stderr.splitlines()
    assert first.startswith("picture.png: The file is not a picture that can be read.")
    assert second.startswith("picture.png: The picture is 7 × 7 pixels")
    assert third.startswith("caf\ufffd.none: There is no file")
    assert done.stdout.count("probability") == 5
    for name in ("[_red]:red[x] **md** `x` $x$.png", "🐈‍⬛.png", "caf\ufffd.png"):
        assert name in " ".join(done.stdout.split())
    assert "\x1b" not in done.stdout + done.stderr


def test_good_pictures_end_well(files: Files, tmp_path: Path) -> None:
    good = [path for path, row in files if row.id in ("I12 32×32", "I39 once")]
    done = classify(tmp_path / "home", *good)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_wrong_with_the_question_is_said_once(files: Files, tmp_path: Path) -> None:
    done = classify(tmp_path / "home", files[0][0], files[1][0], "--model", "vgg")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("There is no model “vgg”.") == 1
