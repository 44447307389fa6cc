import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.core.errors import Conflict, InvalidInput, NotFound
from dashboard.core.runs import control, lock, queue, tracking
from dashboard.core.runs.reporter import Reporter
from dashboard.core.runs.supervisor import Supervisor
from dashboard.core.runs.tracking import Point
from tests.waiting import wait_for

RECIPE = 'dataset = "digits"\n'


def new_run(status: tracking.Status = "SCHEDULED") -> str:
    return tracking.create_run("a run", RECIPE, {"epochs": 2, "image_size": None}, status)


@pytest.mark.usefixtures("runs_home")
def test_a_run_is_what_was_recorded() -> None:
    run = tracking.get_run(new_run())
    assert (run.name, run.status, run.params) == ("a run", "SCHEDULED", {"epochs": "2"})
    assert run.active
    assert run.error is None
    assert tracking.recipe_of(run.id) == RECIPE


@pytest.mark.usefixtures("runs_home")
def test_unknown_and_deleted_runs_are_not_found() -> None:
    with pytest.raises(NotFound):
        tracking.get_run("0" * 32)
    with pytest.raises(NotFound):
        tracking.folder("../../etc")
    run_id = new_run()
    with pytest.raises(Conflict):
        control.delete(run_id)
    tracking.set_status(run_id, "FINISHED")
    control.delete(run_id)
    with pytest.raises(NotFound):
        tracking.get_run(run_id)
    assert tracking.list_runs() == []


@pytest.mark.usefixtures("runs_home")
def test_lists_are_filtered_and_newest_first() -> None:
    first, second, third = new_run(), new_run(), new_run()
    tracking.set_status(second, "RUNNING")
    tracking.set_status(first, "FINISHED")
    assert [run.id for run in tracking.list_runs(tracking.ACTIVE)] == [third, second]
    assert [run.id for run in tracking.list_runs()] == [third, second, first]


@pytest.mark.usefixtures("runs_home")
def test_a_failed_run_keeps_its_reason() -> None:
    run_id = new_run()
    reason = InvalidInput("The loss is {value}.", code="loss_not_finite", value="nan")
    tracking.set_status(run_id, "FAILED", reason)
    error = tracking.get_run(run_id).error
    assert isinstance(error, InvalidInput)
    assert (str(error), error.code) == ("The loss is nan.", "loss_not_finite")


@pytest.mark.usefixtures("runs_home")
def test_history_reads_only_what_is_new() -> None:
    run_id = new_run()
    tracking.log_points(run_id, [Point("loss", step, step / 10, step) for step in range(1, 2101)])
    assert len(tracking.history(run_id, "loss")) == 2000
    assert tracking.history(run_id, "loss", 2099) == [(2099, 209.9), (2100, 210.0)]
    assert tracking.history(run_id, "loss", 2101) == []


@pytest.mark.usefixtures("runs_home")
def test_the_reporter_brings_news_and_hears_a_stop() -> None:
    run_id = new_run("RUNNING")
    with Reporter(run_id) as reporter:
        reporter.plan(3, 10)
        reporter.stage("training")
        for step in range(1, 6):
            reporter.metrics(step, {"loss": 1 / step})
        control.stop(run_id)
        wait_for(lambda: reporter.request() == "stop")
    run = tracking.get_run(run_id)
    assert run.tags["epochs"] == "3"
    assert run.tags["stage"] == "training"
    assert [step for step, _ in tracking.history(run_id, "loss")] == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("runs_home")
def test_stopping_a_waiting_run_ends_it() -> None:
    run_id = new_run()
    control.stop(run_id)
    assert tracking.get_run(run_id).status == "KILLED"
    with pytest.raises(Conflict):
        control.stop(run_id)


@pytest.mark.usefixtures("runs_home")
def test_a_waiting_run_that_was_paused_can_go_on() -> None:
    run_id = new_run()
    control.pause(run_id)
    run = tracking.get_run(run_id)
    assert (run.status, run.tags["halted"]) == ("KILLED", "pause")
    control.resume(run_id)
    assert [run.id for run in queue.queue()] == [run_id]


@pytest.mark.usefixtures("runs_home")
def test_a_resumed_run_waits_for_its_turn() -> None:
    run_id = new_run("RUNNING")
    halfway = {"stage": "packing", "stage_count": "500/1000", "halted": "interrupt"}
    tracking.set_tags(run_id, halfway)
    tracking.set_status(run_id, "KILLED")
    control.resume(run_id)
    tags = tracking.get_run(run_id).tags
    assert (tags["stage"], tags["stage_count"]) == ("queued", "")


@pytest.mark.usefixtures("runs_home")
def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    script = (
        "import sys,time; from pathlib import Path; from dashboard.core.runs.lock import hold\n"
        "with hold(Path(sys.argv[1]), 'x'): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert lock.held(path)
    with pytest.raises(Conflict), lock.hold(path, "The run"):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert not lock.held(path)


@pytest.mark.usefixtures("runs_home")
def test_a_run_whose_worker_died_is_marked_failed() -> None:
    run_id = new_run("RUNNING")
    tracking.set_tag(run_id, "worker", "12345")
    Supervisor().look()
    run = tracking.get_run(run_id)
    assert run.status == "FAILED"
    assert run.error is not None
    assert run.error.code == "worker_died"
