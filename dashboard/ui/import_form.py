"""Importing from the browser: a zip, or a data set known by name."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.core.atomic import UNFINISHED, disk_errors
from dashboard.core.data.child import import_in_child
from dashboard.core.data.dataset import Dataset
from dashboard.core.data.opening import NAMES
from dashboard.core.data.store import name_from
from dashboard.core.settings import settings
from dashboard.ui import panels
from dashboard.ui.report_view import report_view
from dashboard.ui.text import literal, t

_DONE = "imported"


def import_button() -> None:
    """Draw the button that opens the form."""
    if st.button(t("Import"), icon=":material/upload:", width="stretch"):
        st.session_state.pop(_DONE, None)
        st.dialog(t("Import a data set"), width="medium")(_form)()


def _form() -> None:
    done: Dataset | None = st.session_state.get(_DONE)
    if done:
        _report(done)
        return
    st.write(
        t(
            "A zip with one folder per class, or with images and a table “filename,label”. "
            "Folders or a column for train, val and test are respected; missing ones are made."
        )
    )
    st.caption(
        t(
            "Several labels of an image stand in one cell with | between. For several tasks at "
            "once give each a column instead of “label”: in “filename,digit,parity,split” digit "
            "and parity are tasks, and each image has one label of each."
        )
    )
    upload = st.file_uploader(t("Zip file"), type="zip")
    known = st.selectbox(
        t("or a known data set"), NAMES, index=None, placeholder=t("none"),
        help=t("Those that are not embedded are fetched from the network."),
    )  # fmt: skip
    name = st.text_input(t("Name"), placeholder=t("from the file's name"), max_chars=60)
    if st.button(t("Start import"), type="primary", disabled=not (upload or known)):
        with panels.guard():
            st.session_state[_DONE] = _import(upload, known, name.strip())
            st.rerun(scope="fragment")


def _import(upload: Any, known: str | None, name: str) -> Dataset:
    bar = st.progress(0.0, t("Reading …"))

    def show(done: int, total: int, stage: str) -> None:
        if stage == "fetching":
            text = t("{done} of {total} MB", done=done // 10**6, total=total // 10**6)
        else:
            text = t("{done} of {total} images", done=f"{done:,}", total=f"{total:,}")
        bar.progress(done / max(total, 1), text)

    if not upload:
        return import_in_child(str(known), name or None, show)
    name = name or name_from(upload.name)
    with tempfile.TemporaryDirectory(dir=settings().home, prefix=UNFINISHED) as folder:
        archive = Path(folder) / "upload.zip"
        with disk_errors():
            archive.write_bytes(upload.getbuffer())
        return import_in_child(archive, name, show)


def _report(dataset: Dataset) -> None:
    st.success(
        t("{name}: {n} images, {k} classes", name=literal(dataset.name),
          n=f"{dataset.report.kept:,}", k=len(dataset.classes)),
        icon=":material/check:",
    )  # fmt: skip
    report_view(dataset)

    def choose() -> None:
        st.session_state["dataset"] = dataset.name

    if st.button(t("Show the images"), type="primary", on_click=choose):
        st.rerun()
