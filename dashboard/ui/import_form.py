"""Importing a zip of class folders from the browser."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.core.atomic import UNFINISHED
from dashboard.core.data.child import import_in_child
from dashboard.core.data.dataset import Dataset
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
            "A zip with one folder per class. Folders train, val and test around them are "
            "respected; missing ones are made."
        )
    )
    upload = st.file_uploader(t("Zip file"), type="zip")
    name = st.text_input(t("Name"), placeholder=t("from the file's name"), max_chars=60)
    if st.button(t("Start import"), type="primary", disabled=upload is None) and upload:
        with panels.guard():
            st.session_state[_DONE] = _import(upload, name.strip() or name_from(upload.name))
            st.rerun(scope="fragment")


def _import(upload: Any, name: str) -> Dataset:
    bar = st.progress(0.0, t("Reading …"))

    def show(done: int, total: int) -> None:
        text = t("{done} of {total} images", done=f"{done:,}", total=f"{total:,}")
        bar.progress(done / max(total, 1), text)

    with tempfile.TemporaryDirectory(dir=settings().home, prefix=UNFINISHED) as folder:
        archive = Path(folder) / "upload.zip"
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
