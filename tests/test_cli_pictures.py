"""Every picture of the corpus through the command line, in one real process."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.errors import LightboxError
from dashboard.core.settings import REPOSITORY
from tests import contract, corpus
from tests.archives import packed

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


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_picture_gets_its_verdict(files: Files, tmp_path: Path) -> None:
    done = classify(tmp_path / "home", "--json", "--", *(path for path, _ in files))
    assert (done.returncode, done.stderr) == (1, "")
    for told, (path, row) in zip(lines(done), files, strict=True):
        assert told["image"] == path.as_posix()
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
    assert len(lines(classify(tmp_path / "home", "--json", *paths))) == len(paths)
    done = classify(tmp_path / "home", *paths)
    assert (done.returncode, done.stderr) == (1, "")
    text = " ".join(done.stdout.replace("│", " ").split())
    assert "picture.png The file is not a picture that can be read." in text
    assert "picture.png The picture is 7 × 7 pixels" in text
    assert "caf\ufffd.none There is no file" in text
    assert "8 pictures in " in text
    assert ", 3 of them unusable." in text
    for name in ("[_red]:red[x] **md** `x` $x$.png", "🐈‍⬛.png", "caf\ufffd.png"):
        assert name in text
    assert "\x1b" not in done.stdout + done.stderr


def digits(folder: Path, per_class: int) -> Path:
    """Test images in folders named for their class."""
    dataset = get_dataset("digits")
    for index, name in enumerate(dataset.classes):
        (folder / name).mkdir(parents=True)
        for image_id in dataset.rows("test", index)["id"].iloc[:per_class]:
            shutil.copy(dataset.image_path(image_id), folder / name / f"{image_id}.png")
    return folder


def test_folders_and_archives_are_scored_and_saved(home: Path, tmp_path: Path) -> None:
    import_dataset("digits")
    folder = digits(tmp_path / "photos", 2)
    (folder / "3" / "=broken.png").write_bytes(b"text")
    one = next((folder / "1").iterdir())
    archive = tmp_path / "a.zip"
    archive.write_bytes(
        packed([("7/=1.png", one.read_bytes())])
    )  # a one that is said to be a seven
    table = tmp_path / "answers.csv"
    done = classify(home, folder, archive, one, "--csv", table)
    assert (done.returncode, done.stderr) == (1, "")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["File"]: row for row in csv.DictReader(file)}
    assert len(rows) == 23
    assert rows["photos/3/=broken.png"]["Answer"] == ""
    assert "not a picture" in rows["photos/3/=broken.png"]["Remark"]
    swapped = rows["a.zip/7/=1.png"]
    assert (swapped["Answer"], swapped["True class"], swapped["Wrong"]) == ("1", "7", "✗")
    assert rows[one.as_posix()]["True class"] == "1"
    judged = [row for row in rows.values() if row["Answer"]]
    right = sum(row["Answer"] == row["True class"] for row in judged)
    assert right < len(judged) == 22
    text = " ".join(done.stdout.split())
    assert ", 1 of them unusable." in text
    assert f"digits: {right / 22:.1%} of 22 pictures answered as their folders say" in text
    told = lines(classify(home, folder / "3", archive, "--json"))
    broken, *good = sorted(told, key=lambda item: "error" not in item)
    assert broken["error"]["code"] == "not_an_image"
    assert [item["true"] for item in good] == [{"": "3"}, {"": "3"}, {"": "7"}]


def test_a_spreadsheet_takes_no_name_for_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "=1+1.png"
    path.write_bytes(contract.GOOD)
    table = tmp_path / "answers.csv"
    command = ["classify", path.name, "--csv", str(table), "--home", str(tmp_path / "home")]
    subprocess.run(
        [sys.executable, "-m", "dashboard", *command],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, check=True,
        capture_output=True,
    )  # fmt: skip
    assert '"\'=1+1.png","7",' in table.read_text(encoding="utf-8-sig")


def test_explanations_of_equal_names_are_all_kept(tmp_path: Path) -> None:
    archive, out = tmp_path / "a.zip", tmp_path / "out"
    names = ["a/7.png", "b/7.png", "x" * 120 + ".png"]
    archive.write_bytes(packed([(name, contract.GOOD) for name in names]))
    options = ["--explain", "grad_cam", "--out", out, "--json"]
    told = lines(classify(tmp_path / "home", archive, *options))
    assert [item["image"] for item in told] == [f"a.zip/{name}" for name in names]
    made = ["7.grad_cam.png", "7.grad_cam-2.png", "x" * 60 + ".grad_cam.png"]
    assert [Path(item["explanation"]).name for item in told] == made
    assert all((out / name).read_bytes().startswith(b"\x89PNG") for name in made)
    assert sorted(path.name for path in out.iterdir()) == sorted(made)


def test_good_pictures_end_well(files: Files, tmp_path: Path) -> None:
    good = [path for path, row in files if row.id in ("I12 32×32", "I39 once")]
    done = classify(tmp_path / "home", *good)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_wrong_with_the_question_is_said_once(files: Files, tmp_path: Path) -> None:
    done = classify(tmp_path / "home", files[0][0], files[1][0], "--model", "vgg")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("There is no model “vgg”.") == 1
