from __future__ import annotations

import pytest

from dashboard.core.data.importer import import_dataset
from dashboard.core.data.table import is_table, read_table
from dashboard.core.errors import InvalidInput, LightboxError
from tests import archives


def rows(text: str, file: str = "labels.csv"):
    return [tuple(row) for row in read_table(text.encode(), file).rows]


@pytest.fixture
def flat(home, tmp_path):
    """What imports a table with pictures `0.png` … `7.png` beside it, in a folder."""

    def make(table: str, *more: str):
        for number in range(8):
            (tmp_path / "flat").mkdir(exist_ok=True)
            (tmp_path / "flat" / f"{number}.png").write_bytes(archives.picture(number))
        for name in more:
            (tmp_path / "flat" / name).parent.mkdir(exist_ok=True)
            (tmp_path / "flat" / name).write_bytes(archives.picture(90 + len(name)))
        (tmp_path / "flat" / "labels.csv").write_text(table, "utf-8")
        return import_dataset(tmp_path / "flat")

    return make


EVEN = "filename,label\n" + "".join(
    f"{n}.png,{'even' if n % 2 == 0 else 'odd'}\n" for n in range(8)
)


def test_columns_in_any_order_with_either_separator():
    expected = [("a.png", ("cat",), "test"), ("b.png", ("dog", "red"), "train")]
    assert rows("filename,label,split\na.png,cat,test\nb.png,dog | red,\n") == expected
    assert (
        rows('\ufeffSplit;"Label";x;Filename\r\nTest;cat;1;./a.png\r\n;dog|red;;b.png') == expected
    )


def test_quoted_names_and_empty_lines():
    assert rows('filename,label\n"a, b.png","cat ""x"""\n\n , \n') == [
        ("a, b.png", ('cat "x"',), None)
    ]


def test_lines_may_end_as_anywhere():
    for end in ("\n", "\r\n", "\r"):
        lines = ("filename,label", "a.png,cat", "b.png,dog", "")
        assert rows(end.join(lines)) == [("a.png", ("cat",), None), ("b.png", ("dog",), None)]


def test_what_is_no_table():
    assert is_table("filename,label\n".encode("utf-8-sig"))
    assert not any(map(is_table, (b"", b"a,b", b"file,label\n", b"\xff\xfe\0", b"1.png,cat")))


@pytest.mark.parametrize(
    ("table", "code", "part"),
    [
        ("name,label\na,b", "bad_table", "filename,label"),
        ("filename,label,split\na.png,cat,trial", "bad_split", "train, val, test"),
        ("filename,label\n../a.png,cat", "unsafe_path", "Line 2"),
        ("filename,label\n/etc/a.png,cat", "unsafe_path", "/etc"),
        ("filename,label\nC:\\a.png,cat", "unsafe_path", "C:"),
        ("filename,label\na.png," + "x" * 200_000, "bad_table", "CSV"),
    ],
)
def test_tables_that_are_refused(table, code, part):
    with pytest.raises(InvalidInput, match=part) as caught:
        read_table(table.encode(), "labels.csv")
    assert caught.value.code == code


def test_other_encodings_and_huge_tables_are_refused():
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_table("filename,label\ncafé,x".encode("latin-1"), "labels.csv")
    with pytest.raises(LightboxError) as caught:
        read_table(b"filename,label\n" + bytes(21 * 2**20), "labels.csv")
    assert caught.value.status == 413


def test_a_huge_table_in_a_flat_folder_is_named(flat, monkeypatch):
    monkeypatch.setattr("dashboard.core.data.placing.MAX_BYTES", 10)
    with pytest.raises(LightboxError, match=r"labels\.csv") as caught:
        flat(EVEN)
    assert caught.value.status == 413


def test_flat_folder_with_a_table(flat):
    dataset = flat(EVEN)
    assert (dataset.task, dataset.classes) == ("single_label", ("even", "odd"))
    assert dataset.counts().sum(axis=1).tolist() == [4, 4]
    assert [note.code for note in dataset.report.notes()] == ["table", "splits_made"]


def test_nothing_is_dropped_silently(flat):
    table = EVEN + "gone.png,even\n0.png,odd\nnone.png,\n"
    dataset = flat(table, "extra.png", "none.png")
    found = {(item.file, item.code) for item in dataset.report.dropped}
    assert found == {
        ("gone.png", "no_file"),
        ("0.png", "row_again"),
        ("none.png", "no_label"),
        ("extra.png", "no_row"),
    }
    assert dataset.report.kept == 8


def test_each_left_out_row_says_what_is_wrong_with_it(home, tmp_path):
    table = (
        'filename,label,text\na.png,x,"two\nlines"\n,x,\n,x,\n'
        "sub/a.png,y,\nb.png,,\nc.png,y,\nd.png,y,\n"
    )
    files = ["sub/a.png", "b.png", "p/c.png", "q/c.png", "d.png"]
    path = tmp_path / "x.zip"
    content = [(name, archives.picture(n)) for n, name in enumerate(files)]
    path.write_bytes(archives.packed([*content, ("labels.csv", table.encode())]))
    found = {(item.file, item.code, item.values.get("line")) for item in
             import_dataset(path).report.dropped}  # fmt: skip
    assert found == {
        ("", "no_name", 4),
        ("", "no_name", 5),
        ("b.png", "no_label", 7),
        ("sub/a.png", "row_again", None),
        ("c.png", "several_files", None),
        ("p/c.png", "no_row", None),
        ("q/c.png", "no_row", None),
    }


def test_names_without_their_ending_are_no_broken_pictures(flat):
    with pytest.raises(InvalidInput, match=r"None of the files .* such as “0”") as caught:
        flat(EVEN.replace(".png", ""))
    assert caught.value.code == "no_files"


@pytest.mark.parametrize(
    ("table", "part"),
    [("image,class\n1.jpg,cat", "filename,label"), (EVEN.encode("utf-16"), "UTF-8")],
)
def test_a_table_that_must_hold_the_labels_is_not_passed_over(table, part, home, tmp_path):
    files = [(f"images/{n}.png", archives.picture(n)) for n in range(4)]
    path = tmp_path / "x.zip"
    path.write_bytes(archives.packed([*files, ("labels.csv", table)]))
    with pytest.raises(InvalidInput, match=part) as caught:
        import_dataset(path)
    assert caught.value.code == "bad_table"


def test_a_table_beside_class_folders_is_told(home, tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(archives.packed([*archives.pets(), ("meta.csv", b"image_id,dx\n1,cat\n")]))
    report = import_dataset(path).report
    assert [note.code for note in report.notes()] == ["dropped", "unused_table", "splits_made"]


def test_splits_of_the_table_are_kept(flat):
    splits = ("train", "train", "", "", "valid", "val", "Test", "testing")
    table = "filename,label,split\n" + "".join(
        f"{n}.png,{'ab'[n % 2]},{split}\n" for n, split in enumerate(splits)
    )
    dataset = flat(table)
    assert dataset.counts().to_numpy().tolist() == [[2, 1, 1], [2, 1, 1]]
    assert dataset.report.splits == "given"


def test_several_labels(flat):
    table = "filename,label\n0.png,red|round\n" + "".join(
        f"{n}.png,{'red' if n % 2 else 'round'}\n" for n in range(1, 8)
    )
    dataset = flat(table)
    assert (dataset.task, dataset.classes) == ("multi_label", ("red", "round"))
    row = dataset.index.iloc[0]
    assert (row["labels"], dataset.label(row["labels"])) == ([0, 1], "red · round")
    assert dataset.counts().sum(axis=1).tolist() == [5, 4]
    assert len(dataset.rows(class_index=0)) == 5
    hot = dataset.targets("train")
    assert hot.dtype == "uint8"
    assert hot.sum(axis=0).tolist() == dataset.counts()["train"].tolist()


def test_pictures_in_a_folder_beside_the_table(home, tmp_path):
    table = b"filename,label\n0.png,a\n1.png,b\npics/2.png,a\n"
    files = [(f"outer/pics/{n}.png", archives.picture(n)) for n in range(3)]
    path = tmp_path / "x.zip"
    path.write_bytes(archives.packed([*files, ("outer/labels.csv", table)]))
    report = import_dataset(path).report
    assert (report.kept, report.wrapper, report.dropped) == (3, "outer", ())


def test_two_tables_are_not_chosen_between(home, tmp_path):
    path = tmp_path / "x.zip"
    more = ("more.csv", archives.TABLE.encode())
    path.write_bytes(archives.packed([*archives.flat(archives.TABLE), more]))
    with pytest.raises(InvalidInput, match="2 tables"):
        import_dataset(path)


def test_a_table_and_its_split_decide_the_version(flat):
    first = flat(EVEN)
    assert flat(EVEN) == first
    assert flat(EVEN.replace("7.png,odd", "7.png,even")) != first
