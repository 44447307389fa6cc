"""The list of runs, newest first; the chosen one stands in the URL."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.runs.tracking import Run
from dashboard.ui.run_view import STATUS
from dashboard.ui.text import t


def run_list(runs: Sequence[Run]) -> None:
    """Draw a chooser where there is more than one run."""
    if len(runs) < 2:
        return
    names = {run.id: _line(run) for run in runs}
    ids = list(names)
    current = st.query_params.get("run", ids[0])
    chosen = st.selectbox(
        t("Runs"),
        ids,
        index=ids.index(current) if current in ids else 0,
        format_func=names.__getitem__,
        key=f"runs-{current}",
    )
    if chosen != current:
        st.query_params["run"] = chosen
        st.rerun()


def _line(run: Run) -> str:
    accuracy = f" · {run.metrics['test_accuracy']:.1%}" if "test_accuracy" in run.metrics else ""
    return f"{run.id[:6]} · {run.name} · {t(STATUS[run.status][0])}{accuracy}"
