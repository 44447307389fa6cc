"""A folder as people have it: every file of it is accounted for, every fault in it named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.quality import inspection
from dashboard.core.quality.results import Quality
from dashboard.core.settings import settings
from tests import corpus

CLASSES = {"zero": 0, "one": 1, "four": 4}
N = 36  # good photos of each class
UNDO = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}  # EXIF orientation → the turn that leads to it


def photo(label: str, number: int) -> Image.Image:
    """A handwritten digit on tinted paper, in one of three sizes."""
    found = load_digits()
    digit = found.images[found.target == CLASSES[label]][number]
    generator = np.random.default_rng([CLASSES[label], number])
    width, height = [(640, 480), (480, 640), (900, 600)][number % 3]
    side = min(width, height)
    ink = Image.fromarray(np.uint8(digit * 15.9)).resize((side, side), Image.Resampling.BICUBIC)
    mask = Image.new("L", (width, height))
    mask.paste(ink, ((width - side) // 2, (height - side) // 2))
    share = np.asarray(mask)[..., None] / 255
    paper, pen = generator.integers(190, 240, 3), generator.integers(10, 70, 3)
    pixels = paper + (pen - paper) * share + generator.normal(0, 4, (height, width, 1))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def save(picture: Image.Image, path: Path, number: int) -> None:
    """Save as JPEG with an orientation and a place, as PNG or as WebP, in turn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if number % 4 == 2:
        picture.save(path.with_suffix(".png"))
    elif number % 4 == 3:
        picture.save(path.with_suffix(".webp"), quality=90)
    else:
        orientation = [1, 3, 6, 8][number // 4 % 4]
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x010F] = "SecretCamera"
        exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.6)
        if orientation != 1:
            picture = picture.transpose(UNDO[orientation])
        picture.save(path.with_suffix(".jpg"), exif=exif, quality=90)


def write_photos(folder: Path) -> None:
    for label in CLASSES:
        for number in range(N):
            save(photo(label, number), folder / f"{label}/IMG_{number:04d}", number)
    save(photo("four", 50), folder / "zero/misfiled", 0)
    copied = (folder / "one/IMG_0000.jpg").read_bytes()
    (folder / "one/IMG_0000 (1).jpg").write_bytes(copied)
    photo("zero", 1).save(folder / "zero/sent by chat.jpg", quality=40)
    (folder / "zero/cut.jpg").write_bytes(copied[: len(copied) // 2])
    (folder / "zero/empty.png").write_bytes(b"")
    (folder / "one/notes.txt").write_text("remember the milk")
    (folder / "one/live.heic").write_bytes(corpus.iso_media(b"heic"))
    (folder / "one/.DS_Store").write_bytes(b"clutter")


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Quality]:
    folder = tmp_path_factory.mktemp("phone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIGHTBOX_HOME", str(folder / "home"))
        patch.setattr(inspection, "umap_missing", lambda: "left out")  # compiles for 10 s
        settings.cache_clear()
        write_photos(folder / "photos")
        dataset = import_dataset(folder / "photos")
        quality = inspection.inspect(dataset)
    settings.cache_clear()
    return dataset, quality


def named(imported: tuple[Dataset, Quality], fault: str) -> set[str]:
    dataset, quality = imported
    sources = dataset.index.set_index("id")["source"]
    rows = quality.of(fault)
    ids = {*rows["id"], *rows["other_id"]} - {""}
    return {Path(sources[item]).name for item in ids}


def test_every_file_is_kept_or_named(imported):
    report = imported[0].report
    assert report.kept == 3 * N + 3
    assert {item.file: item.code for item in report.dropped} == {
        "zero/cut.jpg": "truncated",
        "zero/empty.png": "not_an_image",
        "one/notes.txt": "not_an_image",
        "one/live.heic": "unsupported_format",
    }
    assert (report.hidden, report.duplicates) == (1, 1)


def test_all_formats_and_turns_come_out_upright(imported):
    dataset, _ = imported
    assert set(dataset.index["format"]) == {"JPEG", "PNG", "WEBP"}
    endings = {0: "jpg", 4: "jpg", 8: "jpg", 12: "jpg", 2: "png", 3: "webp"}
    for number, ending in endings.items():
        source = f"IMG_{number:04d}.{ending}"
        row = dataset.index[dataset.index["source"] == f"one/{source}"].iloc[0]
        expected = np.asarray(photo("one", number)).astype(int)
        found = dataset.pixels(row["id"])
        assert found.shape == expected.shape
        assert abs(found - expected).mean() < 8


def test_no_copy_says_where_it_was_taken(imported):
    dataset, _ = imported
    for path in dataset.path.rglob("*.jpg"):
        assert b"SecretCamera" not in path.read_bytes()
        assert b"Exif" not in path.read_bytes()


def test_faults_are_named(imported):
    assert named(imported, "exact_duplicate") == {"IMG_0000.jpg", "IMG_0000 (1).jpg"}
    assert {"sent by chat.jpg", "IMG_0001.jpg"} <= named(imported, "near_duplicate")
    assert "misfiled.jpg" in named(imported, "label_error")
    assert len(named(imported, "label_error")) <= 3


def test_copies_stay_on_one_side(imported):
    dataset, _ = imported
    splits = dataset.index.set_index("source")["split"]
    assert splits["one/IMG_0000.jpg"] == splits["one/IMG_0000 (1).jpg"]
    assert splits["zero/IMG_0001.jpg"] == splits["zero/sent by chat.jpg"]
