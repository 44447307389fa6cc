from __future__ import annotations

import csv
import io

import pytest

from dashboard.core.spreadsheet import safe_cell, to_csv


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]
)
def test_a_formula_comes_back_as_text(text: str) -> None:
    header, row = read(to_csv([text], [[text]]))
    assert header == row == ["'" + text]


@pytest.mark.parametrize("text", ["cat", 'a "quoted", b', "猫", "", "two\nlines", "a=b", "’"])
def test_other_text_comes_back_as_it_was(text: str) -> None:
    assert safe_cell(text) == text
    assert read(to_csv(["name"], [[text]]))[1] == [text]


def test_numbers_stay_numbers_and_nothing_stays_empty() -> None:
    content = to_csv(["a", "b", "c"], [[-0.25, 3, None]]).decode("utf-8-sig")
    assert content == '"a","b","c"\r\n-0.25,3,""\r\n'
