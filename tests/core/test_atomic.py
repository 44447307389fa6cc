from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dashboard.core.atomic import disk_errors, new_folder, sweep, write_bytes
from dashboard.core.errors import DiskFull
from dashboard.core.settings import REPOSITORY


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_made_with_its_folders_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_bytes(path, b"old")
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == ["file"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_in_the_middle_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_readers_see_the_old_or_the_new_but_never_a_part(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([number]) * 200_000 for number in range(10)]
    write_bytes(path, contents[0])
    done = threading.Event()
    torn: list[int] = []

    def look() -> None:
        while not done.is_set():
            seen = path.read_bytes()
            if seen not in contents:
                torn.append(len(seen))

    reader = threading.Thread(target=look)
    reader.start()
    for content in contents * 3:
        write_bytes(path, content)
    done.set()
    reader.join()
    assert torn == []


def test_a_new_folder_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "datasets" / "pets" / "v1"
    with new_folder(target) as folder:
        (folder / "a").write_bytes(b"1")
        assert not target.exists()
    assert names(target) == ["a"]
    assert names(target.parent) == ["v1"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_no_folder(tmp_path: Path, error: type[BaseException]) -> None:
    def fill() -> None:
        with new_folder(tmp_path / "v1") as folder:
            (folder / "sub").mkdir()
            (folder / "sub" / "a").write_bytes(b"1")
            raise error

    with pytest.raises(error):
        fill()
    assert names(tmp_path) == []


def test_a_folder_that_appeared_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "v1"
    with new_folder(target) as folder:
        (folder / "a").write_bytes(b"mine")
        target.mkdir()
        (target / "a").write_bytes(b"theirs")
    assert (target / "a").read_bytes() == b"theirs"
    assert names(tmp_path) == ["v1"]


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "v1").write_bytes(b"a file")
    with pytest.raises(OSError, match="v1"), new_folder(tmp_path / "v1"):
        pass
    assert names(tmp_path) == ["v1"]


def test_sweeping_removes_what_was_left_long_ago(tmp_path: Path) -> None:
    old = [tmp_path / ".tmp-file", tmp_path / "pets" / ".tmp-folder"]
    kept = [tmp_path / ".tmp-new", tmp_path / "pets" / "v1", tmp_path / "a" / "b" / ".tmp-deep"]
    for path in (old[1], kept[1]):
        path.mkdir(parents=True)
        (path / "inside").write_bytes(b"1")
    for path in (old[0], kept[0], kept[2]):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    for path in (*old, kept[1], kept[2]):
        os.utime(path, (0, 0))
    sweep(tmp_path)
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in kept)
    sweep(tmp_path / "nowhere")


def test_only_a_full_disk_is_called_a_full_disk() -> None:
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        with pytest.raises(DiskFull, match="disk is full"), disk_errors():
            raise OSError(number, "")
    with pytest.raises(PermissionError), disk_errors():
        raise PermissionError(errno.EACCES, "")


# The system really refuses to write past 100,000 bytes.
FULL = """
import resource, sys
from pathlib import Path
from dashboard.core.atomic import new_folder, write_bytes
from dashboard.core.errors import DiskFull

folder = Path(sys.argv[1])
write_bytes(folder / "card.json", b"old")
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_bytes(folder / "card.json", bytes(200_000))
except DiskFull as error:
    print(error.code)
try:
    with new_folder(folder / "v1") as made:
        (made / "small").write_bytes(b"1")
        (made / "large").write_bytes(bytes(200_000))
except DiskFull as error:
    print(error.code)
"""


def test_a_full_disk_is_said_plainly_and_harms_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["disk_full", "disk_full"]
    assert (tmp_path / "card.json").read_bytes() == b"old"
    assert names(tmp_path) == ["card.json"]
