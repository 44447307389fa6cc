import pytest

from dashboard.core.runs import tracking
from dashboard.core.runs.history import History, smoothed
from dashboard.core.runs.progress import progress
from dashboard.core.runs.tracking import Point, Run


def new_run() -> str:
    return tracking.create_run("a", "", {}, "RUNNING")


def log(run_id: str, key: str, steps: range) -> None:
    tracking.log_points(run_id, [Point(key, step, float(step), 0) for step in steps])


@pytest.mark.usefixtures("runs_home")
def test_a_curve_of_up_to_400_batches_is_kept_whole() -> None:
    run_id = new_run()
    history = History(run_id)
    assert history.curves(["loss"]) == {"loss": []}
    log(run_id, "loss", range(1, 401))
    assert history.curves(["loss"])["loss"] == [(step, float(step)) for step in range(1, 401)]
    assert history.stretch == 1


@pytest.mark.usefixtures("runs_home")
def test_a_longer_one_is_averaged_over_stretches_counted_from_the_first_batch() -> None:
    run_id = new_run()
    log(run_id, "loss", range(1, 804))
    log(run_id, "val_loss", range(100, 900, 100))
    history = History(run_id)
    found = history.curves(["loss", "val_loss"])
    assert history.stretch == 4
    assert found["loss"][:2] == [(4, 2.5), (8, 6.5)]
    assert found["loss"][-1] == (803, 802.0)  # of three batches so far
    assert found["val_loss"] == [(step, float(step)) for step in range(100, 900, 100)]


@pytest.mark.usefixtures("runs_home")
def test_however_often_it_is_read_a_curve_is_the_same() -> None:
    run_id = new_run()
    history, other = History(run_id), History(run_id)
    log(run_id, "accuracy", range(1, 300))
    history.curves(["accuracy"])
    for start in range(1, 1001, 37):
        log(run_id, "loss", range(start, start + 37))
        found = history.curves(["loss"])["loss"]
        assert len(found) <= 400
    assert other.curves(["loss"])["loss"] == found
    # A curve that nobody asked for meanwhile has the same stretches when it is read again.
    log(run_id, "accuracy", range(300, 1037))
    steps = [step for step, _ in history.curves(["accuracy"])["accuracy"]]
    assert steps == [step for step, _ in found]


@pytest.mark.usefixtures("runs_home")
def test_what_was_just_read_is_not_read_again() -> None:
    run_id = new_run()
    history = History(run_id)
    log(run_id, "loss", range(1, 3))
    assert len(history.curves(["loss"], max_age_s=1000)["loss"]) == 2
    log(run_id, "loss", range(3, 5))
    assert len(history.curves(["loss"], max_age_s=1000)["loss"]) == 2
    assert len(history.curves(["loss"])["loss"]) == 4


def test_smoothing_is_the_corrected_moving_average() -> None:
    # w = 0.5: s_1 = 4; s_2 = (0.25·4 + 0.5·0) / 0.75
    assert smoothed([(1, 4.0), (2, 0.0)], 0.5) == [(1, 4.0), (2, pytest.approx(4 / 3))]
    assert [value for _, value in smoothed([(step, 7.0) for step in range(5)])] == pytest.approx(
        [7.0] * 5
    )


def test_progress_counts_epochs_and_estimates_the_rest() -> None:
    run = Run(
        "a", "a", "RUNNING", 0, None,
        tags={"epochs": "4", "steps_per_epoch": "10"}, params={"batch_size": "8"},
    )  # fmt: skip
    now = progress(run, [(15, 1.0)], [(14, 100.0), (15, 160.0), (16, 40.0)])
    assert (now.epoch, now.epochs, now.step, now.steps) == (2, 4, 15, 40)
    assert now.images_per_second == 100
    assert now.eta_s == pytest.approx(25 * 8 / 100)


def test_progress_is_calm_before_the_first_batch() -> None:
    now = progress(Run("a", "a", "RUNNING", 0, None), [], [])
    assert (now.epoch, now.step, now.steps, now.eta_s) == (0, 0, 0, None)
