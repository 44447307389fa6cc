"""How far a quality search or a map is, drawn by itself until it is done."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality import job
from dashboard.ui import panels
from dashboard.ui.text import t

_REFRESH_S = 1.0


def job_progress(dataset: Dataset) -> None:
    """Draw the progress; the page runs again when it is over."""

    @st.fragment(run_every=_REFRESH_S)
    def live() -> None:
        with panels.guard():
            state = job.state(dataset)
            if state.status != "running":
                st.rerun()
            share = min(state.done / state.total, 1.0) if state.total else 0.0
            st.progress(share, t(state.stage) if state.stage else "")
            st.caption(t("You can leave this page; the search goes on."))

    live()
