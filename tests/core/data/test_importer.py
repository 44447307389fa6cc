from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset, list_datasets
from dashboard.core.errors import InvalidInput, LightboxError, NotFound
from tests import archives, corpus

CIFAR = Path(__file__).parents[4] / "shared" / "data" / "cifar10.zip"
LIMIT_S = 2.0


def write(folder: Path, content: bytes, name: str = "pets.zip") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def nothing_half_made(home: Path) -> bool:
    left = [*home.rglob(".tmp-*"), *home.glob("datasets/*/*/dataset.json")]
    return not left and not list_datasets()


def verdicts(path: Path) -> list[str]:
    """`["ok", "note:…", …]` of an import that worked, or the code of the error."""
    try:
        dataset = import_dataset(path)
    except LightboxError as error:
        return [error.code]
    assert len(dataset.index) == dataset.report.kept
    assert all(dataset.image_path(image).is_file() for image in dataset.index["id"])
    return ["ok", *("note:" + note.code for note in dataset.report.notes())]


@pytest.mark.parametrize(
    ("make", "expected"), [pytest.param(m, v, id=r) for r, m, v in archives.ARCHIVES]
)
def test_bad_archives(make, expected, home, tmp_path):
    path = write(tmp_path, make())
    start = time.perf_counter()
    found = verdicts(path)
    assert expected in found
    if found[0] != "ok":
        assert nothing_half_made(home)
    assert time.perf_counter() - start < LIMIT_S


def test_report_says_what_was_dropped(home, tmp_path):
    dataset = import_dataset(write(tmp_path, archives.broken(14, 6)))
    report = dataset.report
    assert (report.kept, report.dropped_counts) == (14, {"truncated": 6})
    assert report.dropped[0].file == "cat/bad0.png"
    assert report.dropped_from == {"cat": {"": 6}}
    table = (dataset.path / "dropped.csv").read_text("utf-8-sig")
    assert table.count("\n") == 7


def test_every_bad_image_gets_its_verdict(home, tmp_path):
    """The rows of BAD_INPUT.md again, all in one archive."""
    rows = [row for row in corpus.IMAGES if not row.id.startswith(("I38", "I40"))]
    files = [(f"cat/{number:03d}.png", row.make()) for number, row in enumerate(rows)]
    content = archives.packed([*files, *archives.pets()], zipfile.ZIP_STORED)
    dataset = import_dataset(write(tmp_path, content))
    dropped = {item.file: item.code for item in dataset.report.dropped}
    for (path, _), row in zip(files, rows, strict=True):
        expected = {"ok" if part.startswith("note:") else part for part in row.verdict.split("|")}
        assert dropped.get(path, "ok") in expected, row.id
    notes = [row.verdict.removeprefix("note:") for row in rows if row.verdict.startswith("note:")]
    counted = dataset.report.image_notes
    assert all(counted[code] >= notes.count(code) for code in set(notes) if "|" not in code)


def test_equal_pixels_are_a_duplicate_however_they_are_coded(home, tmp_path):
    picture = corpus.noise(16, 16, seed=77)
    twice = [
        (f"cat/{form}.png", corpus.saved(picture, form, **options))
        for form, options in (("PNG", {"compress_level": 1}), ("BMP", {}))
    ]
    report = import_dataset(write(tmp_path, archives.packed([*archives.pets(), *twice]))).report
    assert report.duplicates == 1


def test_no_shares_are_promised_that_small_classes_cannot_have(home, tmp_path):
    dataset = import_dataset(write(tmp_path, archives.packed(archives.pets(1))))
    assert dataset.counts().sum().tolist() == [2, 0, 0]
    (note,) = dataset.report.to_json()["notes"]
    assert "more, or none" in note["message"]


def test_every_reason_has_a_file_in_the_report(home, tmp_path):
    loose = [(f"{n}.txt", b"x") for n in range(250)]
    content = archives.packed([*archives.pets(), *loose, ("dog/x.png", archives.picture()[:60])])
    reasons = import_dataset(write(tmp_path, content)).report.reasons()
    assert [(item.code, n) for item, n in reasons] == [("no_class", 250), ("truncated", 1)]


def test_folders_whose_names_differ_behind_a_dot_are_two_data_sets(home, tmp_path):
    for folder in ("flowers.2023", "flowers.2024"):
        for name, content in archives.pets():
            (tmp_path / folder / str(name)).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / str(name)).write_bytes(content)
        import_dataset(tmp_path / folder)
    import_dataset(write(tmp_path, archives.packed(archives.pets()), "v1.5.zip"))
    found = [dataset.name for dataset in list_datasets()]
    assert found == ["flowers-2023", "flowers-2024", "v1-5"]


def test_clutter_is_counted(home, tmp_path):
    make = {row: make for row, make, _ in archives.ARCHIVES}["Z13 clutter"]
    report = import_dataset(write(tmp_path, make())).report
    assert (report.hidden, report.dropped) == (3, ())


def test_class_names_are_data(home, tmp_path):
    make = {row: make for row, make, _ in archives.ARCHIVES}["Z22 names"]
    dataset = import_dataset(write(tmp_path, make()))
    assert set(dataset.classes) == set(archives.LABELS)
    names = [path.name for path in home.rglob("*")]
    assert not any(label in name for label in archives.LABELS if len(label) > 3 for name in names)


def test_the_same_again_is_the_same_version(home, tmp_path):
    path = write(tmp_path, archives.packed(archives.pets()))
    first = import_dataset(path, "pets")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "folder")
    again = import_dataset(tmp_path / "folder", "pets")
    assert (again, again.created) == (first, first.created)


def test_other_content_is_another_version(home, tmp_path):
    first = import_dataset(write(tmp_path, archives.packed(archives.pets())))
    second = import_dataset(write(tmp_path, archives.packed(archives.pets(5))))
    assert get_dataset("pets") == second != first
    assert get_dataset("pets", first.version).report.kept == 8
    assert [dataset.version for dataset in list_datasets()] == [second.version]


def test_two_imports_at_once(home, tmp_path):
    path = write(tmp_path, archives.packed(archives.pets()))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: import_dataset(path), range(2))
    assert first == second
    assert not list(home.rglob(".tmp-*"))


def test_given_splits_are_kept(home, tmp_path):
    files = [
        (f"{split}/{label}/{i}.png", archives.picture(seed * 100 + i + 10 * (label == "dog")))
        for seed, split in enumerate(("train", "validation", "Test"))
        for label in ("cat", "dog")
        for i in range(3)
    ]
    dataset = import_dataset(write(tmp_path, archives.packed(files)))
    assert dataset.counts().to_numpy().tolist() == [[3, 3, 3], [3, 3, 3]]
    assert dataset.report.splits == "given"


def test_stored_copies_carry_nothing_private(home, tmp_path):
    polyglot = corpus.with_gps() + b"PK\3\4<script>"
    files = [*archives.pets(), ("cat/gps.jpg", polyglot)]
    dataset = import_dataset(write(tmp_path, archives.packed(files)))
    row = dataset.index[dataset.index["source"] == "cat/gps.jpg"].iloc[0]
    content = dataset.image_path(row["id"]).read_bytes()
    assert not any(word in content for word in (b"Exif", b"SecretCamera", b"<script>"))
    difference = corpus.smooth().astype(int) - dataset.pixels(row["id"])
    assert abs(difference).mean() < 3


def test_repeated_bytes_get_ids_of_their_own(home, tmp_path):
    files = [*archives.pets(), ("cat/again.png", archives.picture(0))]
    dataset = import_dataset(write(tmp_path, archives.packed(files)))
    ids = dataset.index["id"].tolist()
    first = dataset.index["sha256"].iloc[0][:12]
    assert {first, f"{first}-2"} <= set(ids)
    assert len(set(ids)) == 9
    assert dataset.report.duplicates == 1


def test_progress_is_told(home, tmp_path):
    told = []
    path = write(tmp_path, archives.packed(archives.pets()))
    import_dataset(path, on_progress=lambda *news: told.append(news))
    assert [stage for *_, stage in told] == ["decoding", "writing"]
    assert (8, 8, "decoding") in told


def test_full_disk_is_told_before_the_work(home, tmp_path, monkeypatch):
    path = write(tmp_path, archives.packed(archives.pets()))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(LightboxError) as caught:
        import_dataset(path)
    assert caught.value.status == 507
    assert nothing_half_made(home)


def test_failure_while_writing_leaves_nothing(home, tmp_path, monkeypatch):
    def fail(*_args: object) -> None:
        raise MemoryError

    monkeypatch.setattr("dashboard.core.data.importer.write_index", fail)
    with pytest.raises(LightboxError) as caught:
        import_dataset(write(tmp_path, archives.packed(archives.pets())))
    assert caught.value.code == "out_of_memory"
    assert nothing_half_made(home)


def test_bad_name_and_missing_source(home, tmp_path):
    with pytest.raises(InvalidInput, match="letters"):
        import_dataset("digits", "../digits")
    with pytest.raises(NotFound, match="digits"):
        import_dataset(tmp_path / "nothing.zip")


def test_links_in_a_folder_are_not_followed(home, tmp_path):
    for name, content in archives.pets():
        (tmp_path / "pets" / str(name)).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / str(name)).write_bytes(content)
    os.symlink("/etc/passwd", tmp_path / "pets/cat/link.png")
    os.symlink("/etc", tmp_path / "pets/etc")
    report = import_dataset(tmp_path / "pets").report
    assert (report.kept, report.dropped, report.classes_dropped) == (8, (), ())
    assert report.to_json()["notes"][0]["message"] == "Links to other places, not followed: 2."


def test_a_folder_of_links_says_so(home, tmp_path):
    (tmp_path / "a.png").write_bytes(archives.picture())
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        os.symlink(tmp_path / "a.png", tmp_path / "pets" / label / "a.png")
    with pytest.raises(InvalidInput, match="links only, 2 of them"):
        import_dataset(tmp_path / "pets")


def test_names_that_are_not_utf8_are_taken(home, tmp_path):
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        path = os.fsencode(tmp_path / "pets" / label) + b"/\xff.png"
        with open(path, "wb") as file:
            file.write(archives.picture(len(label) + ord(label[0])))
    assert import_dataset(tmp_path / "pets").report.kept == 2


def test_dataset_json_is_what_the_command_line_prints(home):
    dataset = import_dataset("digits")
    stored = json.loads((dataset.path / "dataset.json").read_text("utf-8"))
    assert stored == json.loads(json.dumps(dataset.to_json()))


def test_store_needs_no_heavy_import():
    script = (
        "import sys, dashboard.core.data.store, dashboard.core.data.importer\n"
        "assert not {'sklearn', 'tensorflow', 'keras', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[3])


@pytest.mark.skipif(not CIFAR.is_file(), reason="shared/data/cifar10.zip is not on this machine")
def test_cifar(home, tmp_path):
    path = tmp_path / "cifar.zip"
    with zipfile.ZipFile(CIFAR) as whole, zipfile.ZipFile(path, "w") as part:
        for name in whole.namelist()[:: 55_000 // 2_000]:
            part.writestr(name, whole.read(name))
    dataset = import_dataset(path)
    assert len(dataset.classes) == 10
    assert dataset.report.kept >= 2000
    assert set(dataset.index["mode"]) == {"RGB"}
    assert dataset.counts()["test"].sum() > 150
