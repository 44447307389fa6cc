from __future__ import annotations

import csv
import io
import json

import pytest

from dashboard.core.data.report import Dropped, Report, counted, dropped_csv, listed
from dashboard.core.errors import NotFound


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", 'plain "quoted", x', "猫"]
)
def test_csv_holds_no_formula(name):
    content = dropped_csv([Dropped(name, "odd", "“{x}”", {"x": 1})])
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[1][0].removeprefix("'") == name
    assert not rows[1][0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert rows[1][2] == "“1”"


def test_report_survives_json():
    dropped = Dropped.because("a.png", NotFound("“{name}” is gone.", name="x"))
    report = Report(3, (dropped,), {"not_found": 1}, leaks=2, classes_dropped=("cow",))
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_each_reason_has_its_first_file_and_its_count():
    items = tuple(
        Dropped(file, code, "", {}) for file, code in (("a", "x"), ("b", "y"), ("c", "x"))
    )
    report = Report(3, items, {"x": 7, "y": 1, "never_listed": 2})
    assert report.reasons() == [(items[0], 7), (items[1], 1)]


def test_a_reason_that_comes_late_is_listed_too():
    loose = [Dropped(f"{n}.txt", "no_class", "", {}) for n in range(500)]
    late = [Dropped("a.png", "truncated", "", {}), Dropped("b.png", "truncated", "", {})]
    found = listed([*loose, *late])
    assert [item.file for item in found] == [*(f"{n}.txt" for n in range(200)), "a.png"]
    report = Report(1, found, counted([*loose, *late]))
    assert report.reasons() == [(loose[0], 500), (late[0], 2)]


def test_notes_are_sentences():
    report = Report(9, dropped_counts={"truncated": 1}, splits="given", leaks=2)
    messages = [note["message"] for note in report.to_json()["notes"]]
    assert messages == [
        "Files left out: 1 of 10.",
        "Validation or test images that are in the training split too: 2.",
    ]
    assert Report(9, splits="given").notes() == []
    (note,) = Report(9, splits="given", inner="2021/cat").to_json()["notes"]
    assert "“2021/cat”" in note["message"]
