"""Names of runs and sweeps nobody should give (BAD_INPUT.md, row R10)."""

from __future__ import annotations

import pytest

from dashboard.core.runs import tracking
from tests.archives import LABELS
from tests.corpus import HOSTILE_NAMES

NAMES = [*HOSTILE_NAMES.values(), *LABELS, "", "x" * 10_000, "a\ud800b", "名" * 4000, "a run"]


@pytest.mark.usefixtures("runs_home")
def test_a_run_of_any_name_is_recorded_and_found() -> None:
    ids = [tracking.create_run(name, "", {"epochs": 1}, "SCHEDULED") for name in NAMES]
    again = tracking.create_run("a run", "", {"epochs": 1}, "SCHEDULED")
    assert len({*ids, again}) == len(NAMES) + 1  # a name that comes twice is two runs
    listed = {run.id: run for run in tracking.list_runs()}
    for run_id, name in zip(ids, NAMES, strict=True):
        run = tracking.get_run(run_id)
        assert listed[run_id].name == run.name
        assert 1 <= len(run.name) <= tracking.MAX_NAME
        assert run.name.isprintable()
        assert run.params == {"epochs": "1"}
        if name.isprintable() and 1 <= len(name.strip()) <= 100:
            assert run.name == name.strip()
    tracking.set_status(again, "KILLED")
    assert tracking.get_run(again).status == "KILLED"
