"""What may be wrong with a data set: each fault with its images and what mends it."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.versions import exclude
from dashboard.core.errors import LightboxError
from dashboard.core.quality import job
from dashboard.core.quality.catalog import FAULTS
from dashboard.core.quality.results import Found, Quality, load
from dashboard.ui import panels
from dashboard.ui.access import change_notice, may_change
from dashboard.ui.browse_view import paged_gallery
from dashboard.ui.confirm import confirm_button
from dashboard.ui.text import literal, sentence, t
from dashboard.ui.url import url_select

_REFRESH_S = 1.0
_CATALOGUE = {fault.id: fault for fault in FAULTS}


def quality_view(dataset: Dataset) -> None:
    """Draw the results, the progress, or the button that starts the search."""
    state = job.state(dataset)
    if state.status == "running":
        _progress(dataset)
        return
    if state.error:
        st.error(literal(sentence(LightboxError.from_json(state.error))), icon=":material/error:")
    quality = load(dataset)
    if quality:
        _results(dataset, quality)
    else:
        _offer(dataset)


def _offer(dataset: Dataset) -> None:
    st.write(
        t(
            "Lightbox looks for copies, leaks between the splits, wrong labels, dark, blurred or "
            "odd images and for properties that give the label away. It takes seconds for a "
            "thousand images and a few minutes for fifty thousand."
        )
    )
    if not may_change():
        change_notice()
    elif st.button(t("Check the quality"), type="primary", icon=":material/troubleshoot:"):
        job.start(dataset)
        st.rerun()


def _progress(dataset: Dataset) -> None:
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


def _results(dataset: Dataset, quality: Quality) -> None:
    found = {item.id: item for item in quality.faults if item.n and item.id in _CATALOGUE}
    if not found:
        st.success(t("No fault was found."), icon=":material/check:")
        return
    names = {
        fault_id: f"{t(_CATALOGUE[fault_id].label)} ({item.n:,})"
        for fault_id, item in found.items()
    }
    chosen = url_select(t("Fault"), names, "fault", next(iter(names)))
    if chosen not in found:
        panels.empty(t("No image matches this choice."))
        return
    _fault(dataset, quality, found[chosen])


def _fault(dataset: Dataset, quality: Quality, item: Found) -> None:
    fault = _CATALOGUE[item.id]
    values = {
        key: t(value) if isinstance(value, str) else value for key, value in item.values.items()
    }
    st.write(f"**{literal(t(fault.sentence, n=item.n, **values))}**")
    if item.details:
        st.dataframe(item.details, hide_index=True, width="stretch")
    ids = quality.of(item.id)["id"].drop_duplicates()
    if ids.empty:
        return
    if fault.action == "exclude" and may_change():
        confirm_button(
            t("Exclude these images"),
            t("A new version of the data set is made without them; this one is kept."),
            lambda: _exclude(dataset, list(ids), item.id),
            "delete_sweep",
            "exclude",
        )
    rows = dataset.index.set_index("id", drop=False).loc[ids].reset_index(drop=True)
    paged_gallery(dataset, rows, "fault-page", mixed=False)


def _exclude(dataset: Dataset, ids: list[str], fault_id: str) -> None:
    exclude(dataset, ids, fault_id)
    st.query_params.pop("fault", None)
