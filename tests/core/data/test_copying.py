"""Imports of several batches: in processes of their own, packed as they come."""

from __future__ import annotations

import io
import resource
import subprocess
import sys

import numpy as np
import psutil
import pytest
from PIL import Image

from dashboard.core.data import opening
from dashboard.core.data.copying import copy_all
from dashboard.core.data.dataset import Dataset, read_pixels
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.pack import pack
from dashboard.core.data.placing import read_layout
from dashboard.core.data.sources import FolderSource
from dashboard.core.errors import DiskFull, InvalidInput, Unavailable
from dashboard.core.settings import REPOSITORY
from tests import archives, corpus
from tests.waiting import wait_for

N = 700  # three batches


def tiles(n: int = N, mode: str = "RGB", broken: tuple[int, ...] = ()):
    noise = np.random.default_rng(0).integers(0, 256, (n, 8, 9, 3), np.uint8)
    for row in range(n):
        out = io.BytesIO()
        Image.fromarray(noise[row]).convert(mode).save(out, "PNG")
        content = out.getvalue()[:60] if row in broken else out.getvalue()
        yield f"{'cat' if row % 2 else 'dog'}/{row:03d}.png", content


def imported(tmp_path, files) -> Dataset:
    path = tmp_path / "tiles.zip"
    path.write_bytes(archives.packed(files))
    return import_dataset(path)


def packs(dataset: Dataset) -> list[str]:
    return [path.name for path in (dataset.path / "packs").glob("*")]


@pytest.mark.parametrize("broken", [(), (0, 1, 5, 300, 699), tuple(range(600))])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_small_images_of_one_size_are_packed(home, tmp_path, mode, broken):
    dataset = imported(tmp_path, tiles(mode=mode, broken=broken))
    channels = 3 if mode == "RGB" else 1
    assert packs(dataset) == [f"8x9x{channels}.npy"]
    images = pack(dataset, 8, 9, channels)
    assert len(images) == dataset.report.kept == N - len(broken)
    for row in range(0, len(images), 17):
        pixels = read_pixels(dataset.path / dataset.index["file"][row])
        assert np.array_equal(images[row], pixels[..., :channels])


def test_other_images_are_packed_when_they_are_needed(home, tmp_path):
    odd = ("cat/odd.png", corpus.saved(corpus.noise(8, 8)))
    assert packs(imported(tmp_path, [*tiles(), odd])) == []
    grey = ("zebra/grey.png", corpus.saved(corpus.noise(8, 9, 1)[..., 0]))
    assert packs(imported(tmp_path, [*tiles(), grey])) == ["8x9x3.npy"]
    large = [(f"{label}/{i}.png", archives.picture(i)) for label in "ab" for i in range(3)]
    assert packs(imported(tmp_path, large)) == ["16x16x3.npy"]
    photos = [(f"{label}/1.png", corpus.saved(corpus.noise(70, 70))) for label in "ab"]
    assert packs(imported(tmp_path, photos)) == []


def test_a_copy_that_fits_only_in_part_is_none(home, tmp_path):
    photos = [(f"{label}/1.png", corpus.saved(corpus.noise(150, 150))) for label in "ab"]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = tmp_path / "photos.zip"
    path.write_bytes(archives.packed(photos))
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))  # a copy has some 68,000 bytes
    try:
        with pytest.raises(DiskFull):
            import_dataset(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_file_that_cannot_be_read_does_not_end_the_import(home, tmp_path):
    for name, content in archives.pets():
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / name).write_bytes(content)
    with opening.open_source(tmp_path / "pets") as source:
        layout = read_layout(source)
        (tmp_path / "pets/cat/2.png").unlink()
        outcome = copy_all(source, layout, tmp_path / "copies", lambda *_: None)
    assert len(outcome.kept) == len(outcome.digests) - 1 == 7
    assert [(item.file, item.code) for item in outcome.dropped] == [
        ("cat/2.png", "unreadable_file")
    ]


def test_a_folder_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InvalidInput, match="The folder “gone” cannot be read: no such file"):
        FolderSource(tmp_path / "gone")


def test_one_process_or_several_make_the_same(home, tmp_path):
    files = list(tiles())
    many = imported(tmp_path, files).index.set_index("source")
    few = imported(tmp_path, files[:200]).index.set_index("source")
    columns = ["pixel_hash", "brightness", "sharpness", "phash", "file"]
    both = many.loc[few.index, columns]
    assert both.equals(few[columns])


def test_a_process_that_dies_ends_the_import(home, tmp_path):
    path = tmp_path / "tiles.zip"
    path.write_bytes(archives.packed(tiles(4000)))
    others = set(psutil.Process().children())  # a server other tests visit
    with opening.open_source(path) as source:

        def kill(done: int, total: int, stage: str) -> None:
            for child in set(psutil.Process().children()) - others:
                child.kill()

        with pytest.raises(Unavailable, match="broken off"):
            copy_all(source, read_layout(source), tmp_path, kill)
    assert set(psutil.Process().children()) == others


def test_an_import_that_is_killed_leaves_no_process(home, tmp_path):
    path = tmp_path / "tiles.zip"
    path.write_bytes(archives.packed(tiles(6000)))
    command = [sys.executable, "-m", "dashboard", "import", str(path)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    parent = psutil.Process(process.pid)
    wait_for(lambda: len(parent.children(recursive=True)) >= 2)
    children = parent.children(recursive=True)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
