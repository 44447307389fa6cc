"""Importing a zip of class folders from the browser."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from dashboard.core.data.child import import_in_child
from dashboard.core.data.store import name_from
from dashboard.core.settings import settings
from dashboard.ui import panels
from dashboard.ui.text import literal, t


def import_form() -> None:
    """Draw the form; on success switch to the new data set and show its report."""
    st.write(
        t(
            "A zip with one folder per class. Folders train, val and test around them are "
            "respected; missing ones are made."
        )
    )
    upload = st.file_uploader(t("Zip file"), type="zip", key="import-zip")
    name = st.text_input(t("Name"), placeholder=t("from the file's name"), key="import-name")
    if st.button(t("Import"), type="primary", disabled=upload is None) and upload:
        bar = st.progress(0.0, t("Reading …"))
        with panels.guard(), tempfile.TemporaryDirectory(dir=settings().home) as folder:
            archive = Path(folder) / (Path(upload.name).name or "upload.zip")
            archive.write_bytes(upload.getbuffer())
            dataset = import_in_child(
                archive,
                name.strip() or name_from(upload.name),
                lambda done, total: bar.progress(
                    done / max(total, 1), t("{done} of {total} images", done=done, total=total)
                ),
            )
            bar.empty()
            st.success(t("Imported {name}.", name=literal(dataset.name)))
            for note in dataset.report.notes():
                st.caption(literal(t(note.template, **note.values)))
            st.session_state["imported"] = dataset.name
    if st.session_state.get("imported"):
        st.button(
            t("Show {name}", name=literal(st.session_state["imported"])), on_click=_show_imported
        )


def _show_imported() -> None:
    st.session_state["dataset"] = st.session_state.pop("imported")
