"""What a page that watches a run is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.core.errors import NotFound
from dashboard.core.runs import live, tracking
from dashboard.core.runs.history import Curve, smoothed
from dashboard.core.runs.live import news, revision, run_now
from dashboard.core.runs.tracking import Point, Run

RUN = Run("a", "a", "RUNNING", 0, None, tags={"stage": "training"}, metrics={"epoch": 1, "loss": 2})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_FRESH_S", 0)
    monkeypatch.setattr(live, "_SLOW_S", 0)


def new_run() -> str:
    return tracking.create_run("a", "", {"batch_size": 10}, "RUNNING")


def log(run_id: str, step: int, **values: float) -> None:
    tracking.log_points(run_id, [Point(key, step, value, 0) for key, value in values.items()])


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "FINISHED"},
        {"metrics": {"epoch": 2, "loss": 2}},
        {"tags": {"stage": "testing"}},
        {"tags": {"stage": "training", "control": "stop"}},
        {"tags": {"stage": "training", "notes": "[1]"}},
    ],
)
def test_another_state_is_another_revision(changed: dict[str, object]) -> None:
    assert revision(replace(RUN, **changed), []) != revision(RUN, [])


def test_what_a_page_follows_by_itself_is_not() -> None:
    counted = replace(RUN, tags={"stage": "training", "stage_count": "3/9"})
    assert revision(counted, [(63, 1.0)]) == revision(RUN, [])
    assert revision(replace(RUN, metrics={"epoch": 1, "loss": 7}), []) == revision(RUN, [])


def test_it_is_another_whenever_the_batches_have_doubled() -> None:
    found = [revision(RUN, [(step, 1.0)]) for step in range(1, 1025)]
    changes = [step for step in range(2, 1025) if found[step - 1] != found[step - 2]]
    assert changes == [64, 128, 256, 512, 1024]


@pytest.mark.usefixtures("runs_home")
def test_pieces_put_together_are_the_whole() -> None:
    """As assets/live/live.js does it."""
    run_id = new_run()
    shown: dict[str, Curve] = {}
    since = stretch = 0
    for step in range(1, 461):  # 20 times 23
        log(run_id, step, loss=1 / step)
        if step % 50 == 0:
            log(run_id, step, val_loss=2 / step)
        if step % 23:
            continue
        told = news(run_id, ["loss"], since, stretch)
        if told.stretch != stretch:
            shown, since = {}, 0
        stretch = told.stretch
        for name, points in told.curves["loss"].items():
            kept = [] if name == "epochs" else shown.get(name, [])
            shown[name] = [point for point in kept if point[0] <= since] + points
        since = shown["batches"][-2][0]
    assert stretch == 2
    assert len(told.curves["loss"]["batches"]) < 20
    assert shown == news(run_id, ["loss"], since, 0).curves["loss"] != {}
    assert shown["batches"][:1] == [(2, 0.75)]
    assert shown["epochs"][-1] == (450, pytest.approx(2 / 450, rel=1e-4))
    for (_, value), (_, expected) in zip(
        shown["smoothed"], smoothed(shown["batches"]), strict=True
    ):
        assert value == pytest.approx(expected, rel=1e-3)


@pytest.mark.usefixtures("runs_home")
def test_progress_and_only_curves_there_are() -> None:
    run_id = new_run()
    tracking.set_tags(run_id, {"epochs": "4", "steps_per_epoch": "10"})
    assert news(run_id, ["loss"]).curves == {}
    log(run_id, 12, loss=1.0, images_per_second=140.0)
    told = news(run_id, ["loss", "nothing"])
    assert list(told.curves) == ["loss"]
    assert told.curves["loss"]["epochs"] == []
    assert (told.progress.epoch, told.progress.step, told.progress.eta_s) == (2, 12, 2.0)


@pytest.mark.usefixtures("runs_home")
def test_it_is_read_once_for_all_who_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_FRESH_S", 1000)
    run_id = new_run()
    first = news(run_id, [])
    tracking.set_tag(run_id, "stage", "testing")
    assert news(run_id, []) == first
    assert run_now(run_id).tags["stage"] == "testing"
    assert news(run_id, []).revision != first.revision  # who looks anew is not behind the others


@pytest.mark.usefixtures("runs_home")
def test_no_such_run() -> None:
    with pytest.raises(NotFound):
        news("0" * 32, [])
