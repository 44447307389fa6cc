"""The list of runs, newest first; the chosen one stands in the URL."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.runs.tracking import Run
from dashboard.ui.replay import AT
from dashboard.ui.run_view import STATUS, status_key
from dashboard.ui.text import t
from dashboard.ui.url import url_select


def choose_run(runs: Sequence[Run]) -> str | None:
    """Draw a chooser where there is more than one run, and return the chosen run's id.

    The id in the URL counts, also where it is unknown: the caller then says so. Where the URL names
    a sweep, no run is chosen unless it is named too.
    """
    lines = {run.id: _line(run) for run in runs}
    newest = next(iter(lines), None) if "sweep" not in st.query_params else None
    if len(lines) < 2:
        return st.query_params.get("run", newest)
    return url_select(
        t("Runs"), lines, "run", newest, clears=("sweep", AT), placeholder=t("Choose a run")
    )


def _line(run: Run) -> str:
    accuracy = f" · {run.metrics['test_accuracy']:.1%}" if "test_accuracy" in run.metrics else ""
    status = t(STATUS[status_key(run)][0])
    return f"{run.id[:6]} · {run.name} · {status}{accuracy}"
