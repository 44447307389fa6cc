"""The list of runs, newest first; the chosen one stands in the URL."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.core.runs.tracking import Run
from dashboard.ui.run_view import STATUS
from dashboard.ui.text import t


def choose_run(runs: Sequence[Run]) -> str | None:
    """Draw a chooser where there is more than one run, and return the chosen run's id.

    The id in the URL counts, also where it is unknown: the caller then says so.
    """
    lines = {run.id: _line(run) for run in runs}
    ids = list(lines)
    current = st.query_params.get("run") or next(iter(ids), None)
    if len(ids) > 1:
        key = f"runs-{current}"  # another run in the URL, another widget: it shows that run

        def remember() -> None:
            st.query_params["run"] = st.session_state[key]

        st.selectbox(
            t("Runs"),
            ids,
            index=ids.index(current) if current in ids else None,
            format_func=lines.__getitem__,
            key=key,
            on_change=remember,
        )
        current = st.query_params.get("run") or current
    return current


def _line(run: Run) -> str:
    accuracy = f" · {run.metrics['test_accuracy']:.1%}" if "test_accuracy" in run.metrics else ""
    return f"{run.id[:6]} · {run.name} · {t(STATUS[run.status][0])}{accuracy}"
