"""What a visitor may upload to have classified, and what becomes of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dashboard.core.data import uploaded
from dashboard.core.data.report import Dropped
from dashboard.core.data.uploaded import MAX_PICTURES, UploadedSource, read_picture
from dashboard.core.errors import LightboxError
from dashboard.core.images import MAX_BYTES
from tests.archives import ARCHIVES, packed, pets, picture

pytestmark = pytest.mark.usefixtures("home")


class Upload(io.BytesIO):
    """As Streamlit's `UploadedFile`: bytes with a name."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


def read(*uploads: Upload) -> list[tuple[str, bytes] | Dropped]:
    source = UploadedSource(uploads)
    try:
        return [read_picture(source, member) for member in source.members]
    finally:
        source.close()


def refused(*uploads: Upload) -> str:
    with pytest.raises(LightboxError) as caught:
        UploadedSource(uploads)
    return caught.value.code


def test_files_and_archives_are_read_side_by_side(home: Path) -> None:
    archive = packed([("cat/1.png", picture(1)), ("__MACOSX/._1.png", b"x"), ("dog/", b"")])
    found = read(Upload("b.PNG", picture(2)), Upload("pets.ZIP", archive))
    assert found == [("b.PNG", picture(2)), ("cat/1.png", picture(1))]
    assert list(home.iterdir()) == []


def test_names_that_come_twice_are_both_there() -> None:
    found = read(Upload("1.png", picture(1)), Upload("1.png", picture(2)))
    assert found == [("1-2.png", picture(2)), ("1.png", picture(1))]


def test_a_file_nobody_should_look_into_is_left_out_with_its_reason() -> None:
    archive = packed(
        [("cat/inner.zip", packed(pets())), ("cat/large.png", bytes(MAX_BYTES + 1))],
        compression=0,
    )
    found = read(Upload("pets.zip", archive), Upload("x.png", b"rubbish"))
    assert [item.code for item in found if isinstance(item, Dropped)] == [
        "nested_archive",
        "too_large",
    ]
    assert found[2] == ("x.png", b"rubbish")  # the engine says what is wrong with it


# Found out when the member is read, which costs only that member.
LYING = ("Z7 smaller than told", "Z7 larger than told", "Z7 CRC")
TABLE = "Z17 CSV leads out"  # tables are not read here
OF_THE_WHOLE = ("unsafe_path", "archive_bomb", "encrypted", "broken_archive")
REFUSED = [row for row in ARCHIVES if row[2] in OF_THE_WHOLE and row[0] not in (*LYING, TABLE)]


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0]) for row in REFUSED])
def test_an_archive_that_is_refused_for_import_is_refused_here(row, home: Path) -> None:
    assert refused(Upload("x.zip", row[1]())) == row[2]
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("row", [pytest.param(r, id=r[0]) for r in ARCHIVES if r[0] in LYING])
def test_a_member_that_lies_costs_only_itself(row) -> None:
    found = read(Upload("x.zip", row[1]()))
    assert [item.code for item in found if isinstance(item, Dropped)] == ["broken_archive"]
    assert len(found) > 1


def test_limits() -> None:
    files = [(f"{number}.png", b"x") for number in range(MAX_PICTURES)]
    assert len(read(Upload("many.zip", packed(files)))) == MAX_PICTURES
    assert refused(Upload("many.zip", packed(files)), Upload("one.png", b"x")) == "too_many_files"
    assert refused(Upload("empty.zip", packed([]))) == "no_images"


def test_uploads_are_limited_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploaded, "MAX_BYTES", 10)
    assert len(read(Upload("a.png", bytes(5)), Upload("b.png", bytes(5)))) == 2
    assert refused(Upload("a.png", bytes(5)), Upload("b.png", bytes(6))) == "too_large"
