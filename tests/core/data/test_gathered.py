"""What a person may name to have it classified."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashboard.core.data.gathered import gathered, is_single
from dashboard.core.data.report import Dropped
from dashboard.core.errors import LightboxError
from dashboard.core.images import MAX_BYTES
from tests.archives import packed, picture


def read(*paths: Path) -> list[tuple[str, bytes] | Dropped]:
    with gathered(paths) as readers:
        return [reader() for reader in readers]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("pets/dog/1.png", "pets/cat/2.png", "3.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(int(path.stem)))
    return tmp_path


def test_files_folders_and_archives_come_in_the_order_they_are_named(folder: Path) -> None:
    Path("a.ZIP").write_bytes(packed([("cat/4.png", picture(4))]))
    found = read(Path("3.png"), Path("a.ZIP"), Path("pets"), folder / "pets/dog")
    assert found == [
        ("3.png", picture(3)), ("a.ZIP/cat/4.png", picture(4)), ("pets/cat/2.png", picture(2)),
        ("pets/dog/1.png", picture(1)), ("dog/1.png", picture(1)),
    ]  # fmt: skip


def test_what_cannot_be_read_does_not_end_the_work(folder: Path) -> None:
    Path("large.png").write_bytes(bytes(MAX_BYTES + 1))
    Path("a.zip").write_bytes(packed([("inner.zip", b"x")]))
    paths = [Path("none.png"), Path("large.png"), Path("a.zip"), Path("pets"), Path("none.zip")]
    with gathered(paths) as readers:
        Path("pets/dog/1.png").unlink()
        found = [reader() for reader in readers]
    told = [item.code if isinstance(item, Dropped) else item[0] for item in found]
    assert told == [
        "image_not_found", "too_large", "nested_archive", "pets/cat/2.png",
        "unreadable_file", "image_not_found",
    ]  # fmt: skip


def test_names_that_are_not_text_are_shown(folder: Path) -> None:
    path = Path(os.fsdecode(b"caf\xe9.png"))
    path.write_bytes(picture(1))
    assert read(path) == [("caf\ufffd.png", picture(1))]


def test_a_broken_archive_and_an_empty_folder_are_refused(folder: Path) -> None:
    Path("a.zip").write_bytes(b"text")
    Path("empty").mkdir()
    for path, code in (("a.zip", "not_an_archive"), ("empty", "no_images")):
        with pytest.raises(LightboxError) as caught:
            read(Path(path))
        assert caught.value.code == code


def test_one_file_is_single_but_for_archives(folder: Path) -> None:
    assert is_single([Path("3.png")])
    assert is_single([Path("none.png")])
    assert not any(map(is_single, ([Path("pets")], [Path("a.zip")], [Path("3.png")] * 2)))
