"""Importing a model from the browser: a file of Keras, or a network of `keras.applications`."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.core.models.backbones import BACKBONES
from dashboard.core.models.foreign.conventions import CONVENTIONS
from dashboard.core.models.foreign.importing import FORMATS, STAGES, Imported
from dashboard.core.models.foreign.labels import read_labels
from dashboard.core.models.foreign.question import APPLICATION, Question
from dashboard.core.models.foreign.uploads import import_upload
from dashboard.ui import panels
from dashboard.ui.model_import_result import import_result
from dashboard.ui.text import t
from dashboard.ui.upload import upload_image

_DONE = "imported-model"


def import_model_button() -> None:
    """Draw the button that opens the form."""
    if st.button(t("Import a model"), icon=":material/upload:", width="stretch"):
        st.session_state.pop(_DONE, None)
        st.dialog(t("Import a model"), width="medium")(_form)()


def _form() -> None:
    st.write(
        t(
            "A whole model that Keras 2 or 3 saved, with ordinary layers only. Its file is looked "
            "at and loaded in a process of its own that can reach nothing else."
        )
    )
    upload = st.file_uploader(t("Model file"), type=list(FORMATS))
    network = st.selectbox(
        t("or a network of Keras with ImageNet's weights"),
        [entry.id for entry in BACKBONES],
        index=None,
        placeholder=t("none"),
        disabled=upload is not None,
        help=t("Those that are not embedded are fetched from the network."),
    )
    classes = st.text_area(
        t("Classes"),
        placeholder=t("one per line, in the order of the model's outputs"),
        disabled=upload is None,
        height=110,
    )
    left, right = st.columns(2)
    name = left.text_input(t("Name"), max_chars=60)
    conventions = {entry.id: entry.label for entry in CONVENTIONS}
    convention = right.selectbox(
        t("Range of pixel values"),
        list(conventions),
        index=None,
        format_func=lambda entry: t(conventions[entry]),
        placeholder=t("find out or guess"),
    )
    picture = upload_image(t("A picture you know the answer to"))
    source = upload.name if upload else APPLICATION + (network or "")
    ready = name.strip() and (network or (upload and classes.strip()))
    pressed = st.button(t("Start import"), type="primary", disabled=not ready)
    chosen = import_result(done) if (done := st.session_state.get(_DONE)) else None
    if pressed or chosen:
        with panels.guard():
            labels = read_labels(classes) if upload else ()
            question = Question(source, labels, name.strip(), convention=chosen or convention)
            st.session_state[_DONE] = _import(question, upload, picture)
            st.rerun(scope="fragment")


def _import(question: Question, upload: Any, picture: bytes | None) -> Imported:
    with st.status(t("Importing"), expanded=True) as status:

        def show(stage: str) -> None:
            status.update(label=t(STAGES[stage]))

        return import_upload(question, upload, picture, show)
