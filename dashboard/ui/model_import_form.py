"""Importing a model from the browser: a file of Keras, or a network of `keras.applications`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard.core.data.store import name_from
from dashboard.core.errors import Conflict, InvalidInput
from dashboard.core.models.backbones import BACKBONES
from dashboard.core.models.foreign.conventions import CONVENTIONS
from dashboard.core.models.foreign.importing import FORMATS, STAGES, Imported
from dashboard.core.models.foreign.labels import read_label_file, read_labels
from dashboard.core.models.foreign.request import APPLICATION, ImportRequest
from dashboard.core.models.foreign.uploads import import_upload
from dashboard.core.models.store import list_models
from dashboard.ui import panels
from dashboard.ui.free_name import free_name
from dashboard.ui.model_import_result import import_result
from dashboard.ui.text import t
from dashboard.ui.upload import upload_image

_DONE = "imported-model"


@dataclass(frozen=True)
class _Given:
    """What stands in the form; `upload` and `listed` are files, and have names."""

    upload: Any
    network: str | None
    classes: str
    listed: Any
    name: str
    convention: str | None
    picture: bytes | None


def import_model_button() -> None:
    """Draw the button that opens the form."""
    if st.button(t("Import a model"), icon=":material/upload:", width="stretch"):
        st.session_state.pop(_DONE, None)
        st.dialog(t("Import a model"), width="medium")(_form)()


def _form() -> None:
    done: Imported | None = st.session_state.get(_DONE)
    with st.expander(t("The model"), expanded=not done):  # still drawn: it keeps the files
        given = _controls()
        pressed = st.button(
            t("Start import"), type="primary", disabled=not (given.upload or given.network)
        )
    other = import_result(done) if done else None
    if not (pressed or other):
        return
    with panels.guard():
        if done and other:
            given = replace(given, name=done.card.name, convention=other)
        else:
            given = replace(given, name=_name(given))
        st.session_state[_DONE] = _import(given)
        st.rerun(scope="fragment")


def _controls() -> _Given:
    """Draw what can be said about a model."""
    st.write(
        t(
            "A whole model that Keras 2 or 3 saved, with ordinary layers only. Its file is not "
            "trusted: it is scanned first, then loaded in a process of its own with narrow limits."
        )
    )
    upload = st.file_uploader(t("Model file"), type=list(FORMATS))
    network = st.selectbox(
        t("or a network of Keras with ImageNet's weights"),
        [entry.id for entry in BACKBONES],
        index=None,
        placeholder=t("none"),
        disabled=upload is not None,
        help=t("It is fetched from the network once."),
    )
    classes = st.text_area(
        t("Classes"),
        placeholder=t("one per line, in the order of the model's outputs"),
        disabled=upload is None,
        height=110,
    )
    listed = st.file_uploader(
        t("or a file of them"),
        type=["txt", "csv", "json"],
        max_upload_size=1,
        disabled=upload is None,
        help=t("One per line, a JSON list, or a table with a column “label”."),
    )
    left, right = st.columns(2)
    name = left.text_input(t("Name"), placeholder=t("from the file's name"), max_chars=60)
    conventions = {entry.id: entry.label for entry in CONVENTIONS}
    convention = right.selectbox(
        t("Range of pixel values"),
        list(conventions),
        index=None,
        format_func=lambda entry: t(conventions[entry]),
        placeholder=t("find out or guess"),
    )
    picture = upload_image(t("A picture you know the answer to"))
    return _Given(upload, network, classes, listed, name.strip(), convention, picture)


def _name(given: _Given) -> str:
    """Return a name that is free: an import replaces no model."""
    taken = {card.name for card in list_models()}
    if given.name in taken:
        raise Conflict(
            "There is a model “{name}” already. Choose another name.",
            code="model_exists",
            name=given.name,
        )
    file = given.upload.name if given.upload else str(given.network)
    return given.name or free_name(name_from(file), taken)


def _classes(given: _Given) -> tuple[str, ...]:
    if given.listed and given.classes.strip():
        raise InvalidInput(
            "The classes are both typed and in a file. Give one of the two.", code="classes_twice"
        )
    if given.listed:
        return read_label_file(given.listed.name, given.listed.getvalue())
    return read_labels(given.classes)


def _import(given: _Given) -> Imported:
    request = ImportRequest(
        source=given.upload.name if given.upload else APPLICATION + str(given.network),
        classes=_classes(given) if given.upload else (),
        name=given.name,
        convention=given.convention,
    )
    with st.status(t("Importing")) as status:

        def show(stage: str) -> None:
            status.update(label=t(STAGES[stage]))

        return import_upload(request, given.upload, given.picture, show)
