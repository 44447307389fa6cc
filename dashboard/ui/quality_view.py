"""What may be wrong with a data set: the search for it, and the choice of a fault found."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.errors import LightboxError
from dashboard.core.quality import job
from dashboard.core.quality.catalog import FAULTS_BY_ID
from dashboard.core.quality.flags import Flags, load_flags
from dashboard.ui import panels
from dashboard.ui.access import change_notice, may_change
from dashboard.ui.fault_view import fault_view
from dashboard.ui.job_progress import job_progress
from dashboard.ui.text import literal, sentence, t
from dashboard.ui.url import url_select


def quality_view(dataset: Dataset) -> None:
    """Draw the results, the progress, or the button that starts the search."""
    state = job.state(dataset)
    if state.status == "running":
        job_progress(dataset)
        return
    if state.error:
        st.error(literal(sentence(LightboxError.from_json(state.error))), icon=":material/error:")
    flags = load_flags(dataset)
    if flags is None:
        _offer(dataset)
        return
    if flags.checked != dataset:
        _carried(dataset, flags)
    _results(dataset, flags)


def _offer(dataset: Dataset) -> None:
    st.write(
        t(
            "Lightbox looks for copies, leaks between the splits, wrong labels, dark, blurred or "
            "odd images and for properties that give the label away. It takes seconds for a "
            "thousand images and a few minutes for fifty thousand."
        )
    )
    if may_change():
        _start_button(dataset, t("Check the quality"))
    else:
        change_notice()


def _carried(dataset: Dataset, flags: Flags) -> None:
    st.info(
        t(
            "This version has not been checked itself. Shown is what was found in version "
            "{version}, which it was made from, for the images that are left.",
            version=flags.checked.version[:8],
        ),
        icon=":material/history:",
    )
    if may_change():
        _start_button(dataset, t("Check this version"))


def _start_button(dataset: Dataset, label: str) -> None:
    if st.button(label, type="primary", icon=":material/troubleshoot:"):
        job.start(dataset)
        st.rerun()


def _results(dataset: Dataset, flags: Flags) -> None:
    kept = set(flags.kept["fault"])
    found = {
        item.id: item
        for item in flags.faults
        if item.id in FAULTS_BY_ID and (item.n or item.id in kept)
    }
    if not found:
        st.success(t("No fault was found."), icon=":material/check:")
        return
    names = {
        fault_id: f"{t(FAULTS_BY_ID[fault_id].label)} ({item.n:,})"
        for fault_id, item in found.items()
    }
    chosen = url_select(t("Fault"), names, "fault", next(iter(names)))
    if chosen not in found:
        panels.empty(t("No image matches this choice."))
        return
    fault_view(dataset, flags, found[chosen])
