"""Playing a run that is over as if it were live, on the page Train."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.ui import replay
from tests.pages.conftest import click, open_page
from tests.pages.replayed import figures, recorded_run, slider, steps

pytestmark = pytest.mark.usefixtures("full")


class Clock:
    """The time that a replay goes by."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    found = Clock()
    monkeypatch.setattr(replay, "time", found)
    return found


@pytest.fixture
def run_id(full: Path) -> str:
    return recorded_run()


def test_it_plays_to_the_end_and_rests_on_the_result(run_id: str, clock: Clock) -> None:
    test = open_page("train", run=run_id)
    click(test, "Play")
    seen = []
    for _ in range(70):
        test.run()
        assert not test.exception
        seen.append(slider(test).value)
        if "Play" in [button.label for button in test.button]:
            break
        assert len(steps(test, "curve-loss")[0]) == seen[-1]
        clock.now += 0.5
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert len(seen) == 61  # 30 s
    assert figures(test)["Test accuracy"] == "75.0%"
    assert "at" not in test.query_params


def test_pausing_keeps_the_place_and_going_on_starts_there(run_id: str, clock: Clock) -> None:
    test = open_page("train", run=run_id)
    click(test, "Play")
    clock.now += 10.2
    test.run()
    click(test, "Pause")
    assert test.query_params["at"] == str(slider(test).value) == "20"
    clock.now += 100
    test.run()
    assert slider(test).value == 20
    click(test, "Play")
    assert "at" not in test.query_params
    clock.now += 5
    test.run()
    assert slider(test).value == 30


def test_another_speed_goes_on_from_the_place(run_id: str, clock: Clock) -> None:
    test = open_page("train", run=run_id)
    click(test, "Play")
    clock.now += 10
    test.run()
    box = next(item for item in test.selectbox if item.key == "replay-speed")
    box.set_value(60).run()
    assert slider(test).value == 20
    clock.now += 10
    test.run()
    assert slider(test).value == 30
    box.set_value(0).run()  # as it was: two batches a second
    clock.now += 5
    test.run()
    assert slider(test).value == 40


def test_taking_hold_of_the_slider_ends_the_replay(run_id: str, clock: Clock) -> None:
    test = open_page("train", run=run_id)
    click(test, "Play")
    clock.now += 20
    test.run()
    slider(test).set_value(7).run()
    clock.now += 5
    test.run()
    assert slider(test).value == 7
    assert test.query_params["at"] == "7"


def test_a_browser_that_is_behind_does_not_end_it(run_id: str, clock: Clock) -> None:
    test = open_page("train", run=run_id)
    click(test, "Play")
    for _ in range(3):
        clock.now += 1
        test.run()
    slider(test).set_value(2).run()  # as it was told two seconds ago
    assert slider(test).value == 6
    assert "Pause" in [button.label for button in test.button]
