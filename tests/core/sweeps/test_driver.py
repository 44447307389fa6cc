"""A sweep from its first run to its last, and what happens to it in between.

The runs learn by a formula; `test_real_sweep.py` has real ones.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.core.errors import Conflict, LightboxError, NotFound
from dashboard.core.runs import control, queue, tracking
from dashboard.core.runs.supervisor import _died
from dashboard.core.settings import settings
from dashboard.core.sweeps import driver as driver_module
from dashboard.core.sweeps import store
from dashboard.core.sweeps.driver import Driver
from dashboard.core.sweeps.sweep import parse_sweep
from dashboard.core.sweeps.trials import Trial, best_of, trials_of
from tests.core.sweeps.synthetic import accuracy, begin, end, learn, work

RATES = [0.5, 0.1, 0.01, 0.001]


pytestmark = pytest.mark.usefixtures("sweep_home")


def created(method: str = "grid", epochs: int = 3, rates: Any = RATES, **settings: Any) -> str:
    fields = {"network": "doc-001", "epochs": epochs, "sweep": {"method": method, **settings}}
    return store.create(parse_sweep({**fields, "search": {"learning_rate": rates}}))


def worked_off(sweep_id: str, driver: Driver) -> list[Trial]:
    """Be supervisor and worker until the sweep has ended."""
    for _ in range(200):
        driver.look()
        if not store.get(sweep_id).active:
            return trials_of(sweep_id)
        for run in queue.queue()[:1]:
            work(run, driver.look)
    raise AssertionError("the sweep does not end")


def test_a_grid_is_worked_off_run_by_run() -> None:
    sweep_id, driver = created(), Driver()
    driver.look()
    driver.look()
    assert len(queue.queue()) == 1  # one at a time
    run = queue.queue()[0]
    assert {key: run.tags[key] for key in ("sweep", "trial")} == {"sweep": sweep_id, "trial": "1"}
    trials = worked_off(sweep_id, driver)
    assert store.get(sweep_id).status == "finished"
    assert [trial.number for trial in trials] == [1, 2, 3, 4]
    assert [trial.values for trial in trials] == [{"learning_rate": rate} for rate in RATES]
    assert [trial.run.params["learning_rate"] for trial in trials] == list(map(str, RATES))
    assert [trial.accuracy for trial in trials] == [accuracy(rate, 3) for rate in RATES]
    assert {trial.state for trial in trials} == {"finished"}
    best = best_of(trials)
    assert best is not None
    assert best.number == 3
    driver.look()
    assert queue.queue() == []  # and that was all


def test_as_many_at_once_as_the_queue_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = replace(settings(), max_running=3)
    monkeypatch.setattr(driver_module, "settings", lambda: allowed)
    sweep_id, driver = created(), Driver()
    for _ in range(5):
        driver.look()
    assert [run.tags["trial"] for run in queue.queue()] == ["1", "2", "3"]
    assert len(worked_off(sweep_id, driver)) == 4


def test_early_stopping_ends_the_runs_that_are_behind() -> None:
    rates = {"low": 1e-4, "high": 1.0, "log": True}
    sweep_id = created("asha", 9, rates, trials=12)
    trials = worked_off(sweep_id, Driver())
    states = [trial.state for trial in trials]
    assert len(trials) == 12
    assert set(states) == {"finished", "pruned"}
    assert states.count("pruned") >= 6
    for trial in trials:
        epochs = int(trial.run.metrics["epoch"])
        assert epochs == 9 if trial.state == "finished" else epochs in (1, 3)
        assert trial.run.tags.get("pruned", str(epochs)) == str(epochs)
    best = best_of(trials)
    assert best is not None
    closest = min(trials, key=lambda trial: -accuracy(trial.values["learning_rate"], 9))
    assert best.number == closest.number


def test_whoever_comes_next_goes_on() -> None:
    """A new driver for each look: nothing of what matters is in its memory."""
    sweep_id = created("asha", 9, {"low": 1e-4, "high": 1.0, "log": True}, trials=8)

    class Forgetful(Driver):
        def look(self) -> None:
            Driver().look()

    forgetful = worked_off(sweep_id, Forgetful())
    other_id = created("asha", 9, {"low": 1e-4, "high": 1.0, "log": True}, trials=8)
    other = worked_off(other_id, Driver())
    assert [(t.number, t.values, t.state) for t in forgetful] == [
        (t.number, t.values, t.state) for t in other
    ]


def test_stopping_ends_the_active_run_and_begins_no_more() -> None:
    sweep_id, driver = created(), Driver()
    driver.look()
    work(queue.queue()[0], driver.look)
    driver.look()
    second = queue.queue()[0]
    begin(second)
    learn(second.id, 1)
    store.stop(sweep_id)
    driver.look()
    assert store.get(sweep_id).status == "stopping"  # the run has not ended yet
    assert tracking.get_run(second.id).tags["control"] == "stop"
    end(second.id)
    driver.look()
    driver.look()
    assert store.get(sweep_id).status == "stopped"
    assert [trial.state for trial in trials_of(sweep_id)] == ["finished", "stopped"]
    assert queue.queue() == []
    with pytest.raises(Conflict, match="already ended"):
        store.stop(sweep_id)
    store.resume(sweep_id)
    assert [trial.number for trial in worked_off(sweep_id, driver)] == [1, 2, 3, 4]


def test_a_waiting_run_is_stopped_with_its_sweep() -> None:
    sweep_id, driver = created(), Driver()
    driver.look()
    store.stop(sweep_id)
    driver.look()
    driver.look()
    assert store.get(sweep_id).status == "stopped"
    trial = trials_of(sweep_id)[0]
    assert (trial.state, trial.accuracy) == ("stopped", None)


def test_a_failed_trial_is_one_failed_trial() -> None:
    sweep_id, driver = created(), Driver()
    driver.look()
    run = queue.queue()[0]
    begin(run)
    tracking.set_status(run.id, "FAILED", LightboxError("NaN.", code=control.DIVERGED))
    trials = worked_off(sweep_id, driver)
    assert [trial.state for trial in trials] == ["failed", "finished", "finished", "finished"]
    assert store.get(sweep_id).status == "finished"


def test_a_recipe_that_is_refused_is_a_failed_trial(home: Path) -> None:
    sweep_id, driver = created(), Driver()
    digits = home / "datasets" / "digits"
    digits.rename(home / "gone")
    for _ in range(3):
        driver.look()
    (home / "gone").rename(digits)
    trials = worked_off(sweep_id, driver)
    assert [trial.state for trial in trials] == ["failed"] * 3 + ["finished"]
    error = trials[0].run.error
    assert error is not None
    assert error.code == "dataset_not_found"


def test_a_paused_run_pauses_its_sweep() -> None:
    sweep_id, driver = created(), Driver()
    driver.look()
    run = queue.queue()[0]
    begin(run)
    tracking.set_tag(run.id, "halted", "pause")
    tracking.set_status(run.id, "KILLED")
    for _ in range(3):
        driver.look()
    assert [trial.state for trial in trials_of(sweep_id)] == ["paused"]
    control.resume(run.id)
    assert len(worked_off(sweep_id, driver)) == 4


def test_a_trial_goes_on_after_its_process_was_killed_but_not_for_ever() -> None:
    sweep_id, driver = created(), Driver()
    driver.look()
    first = queue.queue()[0]
    begin(first)  # and no checkpoint yet
    tracking.set_status(first.id, "FAILED", _died(-9))
    driver.look()
    second = queue.queue()[0]
    assert second.id != first.id  # anew
    assert (second.tags["trial"], second.tags["attempt"]) == ("1", "2")
    begin(second)
    tracking.set_status(second.id, "FAILED", _died(-9))
    driver.look()
    driver.look()
    assert [trial.state for trial in trials_of(sweep_id)] == ["failed", "waiting"]
    third = queue.queue()[0]
    assert third.tags["trial"] == "2"
    begin(third)
    control.checkpoints(third.id).mkdir(parents=True)
    (control.checkpoints(third.id) / "000000007.checkpoint").write_bytes(b"")
    tracking.set_status(third.id, "FAILED", _died(None))
    driver.look()
    assert [run.id for run in queue.queue()] == [third.id]  # from where it stood
    begin(third)
    tracking.set_tag(third.id, "halted", "interrupt")  # the machine was shut down
    tracking.set_status(third.id, "KILLED")
    driver.look()
    assert [run.id for run in queue.queue()] == [third.id]
    assert [trial.number for trial in worked_off(sweep_id, driver)] == [1, 2, 3, 4]


def test_a_run_whose_creation_was_broken_off_is_made_again() -> None:
    """Killed between MLflow's first and last transaction of `create_run`."""
    sweep_id, driver = created(), Driver()
    tags = {"sweep": sweep_id, "trial": "1", "values": json.dumps({"learning_rate": 0.5})}
    half = tracking.create_run("half", "", {}, "RUNNING", tags)
    (tracking.artifacts(half) / "recipe.toml").unlink()
    driver.look()
    assert queue.queue() == []  # not known yet whether a worker is at it
    tracking.set_status(half, "FAILED", _died(None))  # as the supervisor finds after 3 s
    trials = worked_off(sweep_id, driver)
    assert [trial.number for trial in trials] == [1, 2, 3, 4]
    assert half not in [trial.run.id for trial in trials]
    with pytest.raises(NotFound):
        tracking.get_run(half)


def test_a_deleted_run_is_not_run_again() -> None:
    sweep_id, driver = created(), Driver()
    driver.look()
    work(queue.queue()[0], driver.look)
    control.delete(trials_of(sweep_id)[0].run.id)
    trials = worked_off(sweep_id, driver)
    assert [trial.number for trial in trials] == [1, 2, 3, 4]
    assert [trial.run.deleted for trial in trials] == [True, False, False, False]


def test_a_file_that_was_changed_ends_its_sweep_alone() -> None:
    broken, sound = created(), created()
    (store.folder(broken) / "sweep.toml").write_text("[search]\nlearning_rate = 3\n")
    driver = Driver()
    driver.look()
    assert store.get(broken).status == "failed"
    assert "must be a list of values or a range" in str(store.get(broken).error)
    assert len(worked_off(sound, driver)) == 4


def test_the_kept_weights_count_where_a_run_keeps_its_best() -> None:
    fields = {"network": "doc-001", "epochs": 4, "early_stopping": 2}
    search = {"learning_rate": [0.01]}
    sweep_id, driver = (
        store.create(parse_sweep({**fields, "search": search, "sweep": {}})),
        Driver(),
    )
    driver.look()
    run = queue.queue()[0]
    begin(run)
    for epoch, (loss, share) in enumerate([(0.5, 0.7), (0.3, 0.9), (0.4, 0.95), (0.6, 0.6)], 1):
        step = epoch * 10
        points = {"epoch": epoch, "val_loss": loss, "val_accuracy": share}
        tracking.log_points(
            run.id, [tracking.Point(key, step, value, step) for key, value in points.items()]
        )
    assert trials_of(sweep_id)[0].accuracy == 0.6  # what it has now
    end(run.id)
    assert trials_of(sweep_id)[0].accuracy == 0.9  # of the epoch with the lowest loss
