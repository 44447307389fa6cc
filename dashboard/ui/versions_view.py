"""The versions of a data set: what was done when and why, and the way back to each."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.store import get_dataset
from dashboard.core.data.versions import history, restore
from dashboard.ui.access import may_change
from dashboard.ui.confirm import confirm_button
from dashboard.ui.data import look_at
from dashboard.ui.text import literal, t


def versions_list(dataset: Dataset) -> None:
    """Draw the list, folded: it is read from disk only where it is open, as the URL says."""
    with st.expander(
        t("Versions"),
        icon=":material/history:",
        key="versions",
        on_change="rerun",
        bind="query-params",
    ) as box:
        if not box.open:
            return
        current = get_dataset(dataset.name)
        for version in history(dataset.name):
            with st.container(border=True):
                _version(version, shown=version == dataset, current=version == current)


def older_notice(dataset: Dataset) -> None:
    """Say so where `dataset` is not the current version, with the way to that one."""
    current = get_dataset(dataset.name)
    if dataset == current:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            t("You are looking at another version than the current one, {version}.",
              version=current.version[:8]),
            icon=":material/history:",
        )  # fmt: skip
        st.button(t("To the current version"), on_click=look_at, args=(None,))


def _version(dataset: Dataset, shown: bool, current: bool) -> None:
    date = dataset.created[:16].replace("T", " ")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_what(dataset)}**", width="stretch")
        if current:
            st.badge(t("current"), icon=":material/check:", color="green")
        if not shown:
            target = None if current else dataset.version
            key = f"look-{dataset.version}"
            st.button(t("Look"), key=key, on_click=look_at, args=(target,))
        if not current and may_change():
            confirm_button(
                t("Restore"),
                t("This version becomes the current one; the others are kept."),
                partial(_restore, dataset),
                "settings_backup_restore",
                f"restore-{dataset.version}",
            )
    reason = dataset.change.reason if dataset.change else ""
    if reason:
        st.write(literal(reason))
    st.caption(
        t("{version} · {date} UTC · {n} images",
          version=dataset.version, date=date, n=f"{dataset.report.kept:,}")
    )  # fmt: skip


def _what(dataset: Dataset) -> str:
    if dataset.change is None:
        return t("Imported")
    n = f"{dataset.change.n:,}"
    done = {
        "exclude": t("Images taken out: {n}", n=n),
        "relabel": t("Images relabelled: {n}", n=n),
        "add": t("Images added: {n}", n=n),
    }
    return done[dataset.change.kind]


def _restore(dataset: Dataset) -> None:
    restore(dataset.name, dataset.version)
    look_at(None)
