from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.zip_names import member_names
from tests import archives


class Unmarked(zipfile.ZipInfo):
    """A member whose name is coded as on the machine of whoever packed it, and not marked."""

    coding = "cp437"

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  zipfile's own name
        return self.filename.encode(self.coding), self.flag_bits & ~0x800


def unmarked(name: str, coding: str) -> zipfile.ZipInfo:
    info = Unmarked(name)
    info.coding, info.create_system = coding, 3 if coding == "utf-8" else 0
    return info


def names(*files: zipfile.ZipInfo | str) -> list[str]:
    content = archives.packed([(file, b"x") for file in files])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return member_names(archive.infolist())


@pytest.mark.parametrize(
    ("coding", "paths"),
    [
        ("gbk", ["植物数据/玫瑰/照片1.jpg", "植物数据/向日葵（黄）/2.jpg", "植物数据/镕/3.jpg"]),
        ("gbk", ["猫/1.jpg", "dog/2.jpg"]),
        ("utf-8", ["è/1.jpg", "dog/2.jpg"]),
        ("utf-8", ["Cafe\u0301/1.jpg", "日本/Bild 2.jpg", "🐱/3.jpg"]),
        ("cp437", ["Äpfel/1.jpg", "Köpfe/ß.jpg", "niñó/à.jpg", "░▒▓/╔═╗.jpg"]),
        ("cp850", ["Straße/Öl.jpg", "ÄÖÜ/äöü.jpg"]),
    ],
)
def test_names_are_read_as_they_were_packed(coding: str, paths: list[str]) -> None:
    assert names(*(unmarked(path, coding) for path in paths)) == paths


def test_marked_names_stay_beside_others() -> None:
    found = names("Köpfe/1.jpg", "a\\b.jpg", unmarked("猫/1.jpg", "gbk"))
    assert found == ["Köpfe/1.jpg", "a/b.jpg", "猫/1.jpg"]


def test_classes_of_a_chinese_windows(home: Path, tmp_path: Path) -> None:
    files = [
        (unmarked(f"数据/{label}/{n}.png", "gbk"), archives.picture(10 * k + n))
        for k, label in enumerate(("猫", "狗"))
        for n in range(3)
    ]
    (tmp_path / "x.zip").write_bytes(archives.packed(files))
    dataset = import_dataset(tmp_path / "x.zip")
    assert dataset.classes == ("狗", "猫")
    assert dataset.report.wrapper == "数据"
    assert dataset.counts().sum(axis=1).tolist() == [3, 3]
