"""Tables with a column for each of several tasks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.importer import import_dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.data.table import read_table
from dashboard.core.data.versions import exclude, relabel
from dashboard.core.errors import InvalidInput
from dashboard.core.tasks import Task
from tests import archives

N = 8
TABLE = "filename,Size,Ähnlich\n" + "".join(
    f"{n}.png,{[2, 10][n % 2]},{'YES' if n < 4 else 'no'}\n" for n in range(N)
)

Import = Callable[..., Dataset]


@pytest.fixture
def imported(home: Path, tmp_path: Path) -> Import:
    """What imports a table with pictures `0.png` … `7.png` beside it."""

    def make(table: str, *more: tuple[str, bytes]) -> Dataset:
        files = [(f"{n}.png", archives.picture(n)) for n in range(N)]
        path = tmp_path / "sizes.zip"
        path.write_bytes(archives.packed([*files, ("labels.csv", table.encode()), *more]))
        return import_dataset(path)

    return make


def test_each_column_is_a_task(imported: Import) -> None:
    dataset = imported(TABLE)
    assert dataset.task == "multi_task"
    assert dataset.tasks == (Task("Size", ("2", "10")), Task("Ähnlich", ("no", "YES")))
    assert dataset.classes == ("Size: 2", "Size: 10", "Ähnlich: no", "Ähnlich: YES")
    rows = dataset.index.set_index("source")["labels"]
    assert rows["0.png"] == [0, 3]
    assert rows["5.png"] == [1, 2]
    assert dataset.label(rows["5.png"]) == "10 · no"
    assert dataset.counts().sum(axis=1).tolist() == [4, 4, 4, 4]
    assert dataset.imbalance() == 1.0
    targets = dataset.targets()
    assert targets.shape == (N, 4)
    assert (targets.sum(axis=0), targets.sum()) == (pytest.approx([4, 4, 4, 4]), 2 * N)
    assert Dataset.read(dataset.path).tasks == dataset.tasks


def test_columns_in_any_order_with_a_split() -> None:
    found = read_table(b"split;A;filename;b\ntest;x;1.png;y\n;z;2.png;y", "t.csv")
    assert found.tasks == ("A", "b")
    assert [tuple(row) for row in found.rows] == [
        ("1.png", ("x", "y"), "test"), ("2.png", ("z", "y"), "train"),
    ]  # fmt: skip
    assert found.labels == {"A": [("x",), ("z",)], "b": [("y",), ("y",)]}


def test_a_column_label_asks_alone() -> None:
    found = read_table(b"filename,label,parity\n1.png,3|4,odd", "t.csv")
    assert (found.tasks, found.rows[0].labels) == (("",), ("3", "4"))


def test_spellings_are_merged_within_a_task_only(imported: Import) -> None:
    dataset = imported(TABLE.replace("2.png,2,YES", "2.png,2,yes").replace(",10,", ",no,"))
    assert dataset.tasks[1].classes == ("no", "YES")
    assert dataset.tasks[0].classes == ("2", "no")
    assert dataset.report.classes_merged == {"Ähnlich: yes": "Ähnlich: YES"}


def test_a_row_that_leaves_a_task_empty_is_dropped(imported: Import) -> None:
    dataset = imported(TABLE.replace("2.png,2,YES", "2.png,2,"))
    assert [(item.file, item.code) for item in dataset.report.dropped] == [("2.png", "no_label")]
    assert dataset.report.kept == N - 1


@pytest.mark.parametrize(
    ("table", "part"),
    [
        (TABLE.replace("0.png,2", "0.png,2|10"), "Line 2 .* column “Size”"),
        (TABLE.replace("Size", "Si:ze"), "“Si:ze”"),
        (TABLE.replace("Size", "S" * 61), "60 characters"),
        (TABLE.replace(",10,", ",2,"), "column “Size” has 1 classes"),
        ("filename,Size\n0.png,2\n1.png,3", "filename,digit,parity"),
    ],
)
def test_what_is_refused(imported: Import, table: str, part: str) -> None:
    with pytest.raises(InvalidInput, match=part):
        imported(table)


def test_beside_class_folders_it_is_no_table_of_labels(home: Path, tmp_path: Path) -> None:
    table = b"filename,width,height\ncat/0.png,16,16\ndog/0.png,16,17"
    (tmp_path / "pets.zip").write_bytes(archives.packed([*archives.pets(), ("sizes.csv", table)]))
    dataset = import_dataset(tmp_path / "pets.zip")
    assert (dataset.task, dataset.classes) == ("single_label", ("cat", "dog"))


def test_a_new_label_of_one_task_leaves_the_other(imported: Import) -> None:
    dataset = imported(TABLE)
    image_id = dataset.index.set_index("source")["id"]["0.png"]
    changed = relabel(dataset, {image_id: "Size: 10"}, "measured")
    assert changed.row(image_id)["labels"] == [1, 3]
    both = relabel(changed, {image_id: ["Ähnlich: no", "Size: 2"]}, "seen")
    assert both.row(image_id)["labels"] == [0, 2]
    assert get_dataset("sizes").tasks == dataset.tasks
    with pytest.raises(InvalidInput, match="one class of the task “Size”; received 2"):
        relabel(both, {image_id: ["Size: 2", "Size: 10"]}, "")
    with pytest.raises(InvalidInput, match=r"Ähnlich: YES.* last image"):
        exclude(both, both.index["id"][[3 in labels for labels in both.index["labels"]]], "")


def test_digits_tasks(home: Path) -> None:
    dataset = import_dataset("digits-tasks")
    assert (dataset.version, dataset.report.kept) == ("28486871914d", 1797)
    assert dataset.tasks == (Task("digit", tuple("0123456789")), Task("parity", ("even", "odd")))
    labels = np.array(dataset.index["labels"].tolist())
    np.testing.assert_array_equal(np.sort(labels[:, 0]), np.sort(load_digits().target))
    np.testing.assert_array_equal(labels[:, 1] - 10, labels[:, 0] % 2)
    assert [note.code for note in dataset.report.notes()] == ["splits_made"]
