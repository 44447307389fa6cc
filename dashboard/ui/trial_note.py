"""What the page of a run says where it is one of a sweep."""

from __future__ import annotations

import streamlit as st

from dashboard.core.errors import NotFound
from dashboard.core.runs.tracking import Run
from dashboard.core.sweeps import store
from dashboard.core.sweeps.trials import PRUNED, SWEEP, TRIAL, was_pruned
from dashboard.ui import links
from dashboard.ui.text import literal, t


def trial_note(run: Run) -> None:
    """Draw a link to the sweep of a run, and why the sweep stopped it."""
    if SWEEP not in run.tags:
        return
    try:
        stored = store.get(run.tags[SWEEP])
    except NotFound:  # deleted; its runs stay
        return
    label = t("Run {n} of the sweep “{name}”", n=run.tags[TRIAL], name=literal(stored.name))
    links.page_link("train", label, "tune", sweep=stored.id)
    if was_pruned(run):
        st.info(
            t(
                "Stopped early by the sweep: after epoch {epoch} it was behind the others. What it "
                "had learned was tested and kept.",
                epoch=run.tags[PRUNED],
            ),
            icon=":material/content_cut:",
        )
