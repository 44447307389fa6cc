"""`compare` on the command line."""

from __future__ import annotations

import pytest

from dashboard.commands import terminal
from dashboard.core.data.importer import import_dataset
from dashboard.core.runs import tracking
from tests.finished_runs import finished_run
from tests.test_cli import Lightbox, lightbox_in


@pytest.fixture
def lightbox(home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(terminal, "LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "200")
    tracking.forget()
    yield lightbox_in(home, capsys, monkeypatch)
    tracking.forget()


def test_runs_are_compared(lightbox: Lightbox, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = import_dataset("digits")
    ids = [finished_run(digits, range(n), epochs=n) for n in (40, 1, 2)]
    unfinished = tracking.create_run("[red]<b>&", "", {"dataset": "digits"}, "RUNNING")
    found = lightbox("compare", *ids, "--json").json
    assert (found["best"], len(found["pairs"])) == (ids[1], 3)

    printed = lightbox("compare", *ids, unfinished).out
    assert "[red]<b>&" in printed  # as it is
    assert "accuracy 99.4% (98.3%–100.0%, n=180)" in printed
    words = " ".join(printed.split())
    assert "D has not finished: it is tested at its end." in words
    assert "Of 180 shared test images, 39 only B and 0 only A got right; p < 0.001." in words
    assert "B is better than A by 21.7 points" in words
    assert "is within noise." in words
    assert "epochs" in words

    same = lightbox("compare", ids[1], finished_run(digits, [0], epochs=1)).out
    assert "Parameters that differ" not in same
    assert "there is no difference" in " ".join(same.split())

    monkeypatch.setattr(terminal, "LANGUAGE", "zh")
    assert "B 优于 A" in lightbox("compare", *ids[:2]).out


def test_what_cannot_be_compared_is_one_sentence(lightbox: Lightbox) -> None:
    assert lightbox("compare", "a").sentence == "Two to 6 runs can be compared; received 1."
    assert "There is no run “b”." in lightbox("compare", "b", "a").sentence
