"""Classifying many pictures in a page: while it works, and what it has found so far.

Pictures and answers are only in the memory of this session: nothing of a visitor is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard.core.data.uploaded import UploadedSource, read_picture
from dashboard.core.models.card import Card
from dashboard.core.serving.client import engine
from dashboard.core.serving.many import Row, classify_many
from dashboard.ui.text import t

_KEY = "batch"


@dataclass
class Batch:
    """What was asked, and the answers.

    Attributes:
        files: Ids of the uploads.
        models: That were asked.
        total: Pictures in the uploads.
        rows: Those that were looked at, in order.
    """

    files: tuple[str, ...]
    models: tuple[Card, ...]
    total: int
    rows: list[Row] = field(default_factory=list)


def run(uploads: Sequence[Any], models: Sequence[Card]) -> None:
    """Classify the pictures in `uploads`, showing how far it is; what is done so far is kept.

    Whatever a visitor does on the page meanwhile ends the work, as Streamlit runs it anew.
    """
    source = UploadedSource(uploads)
    try:
        batch = Batch(_ids(uploads), tuple(models), len(source.members))
        st.session_state[_KEY] = batch
        files = (read_picture(source, member) for member in source.members)
        place = st.empty()
        with place.container(horizontal=True, vertical_alignment="center"):
            bar = st.progress(0.0, " ")
            st.button(t("Stop"), icon=":material/stop:")
        for row in classify_many(engine(), files, models):
            batch.rows.append(row)
            done = len(batch.rows)
            bar.progress(
                done / batch.total, t("{done} of {total} pictures", done=done, total=batch.total)
            )
        place.empty()
    finally:
        source.close()


def found(uploads: Sequence[Any]) -> Batch | None:
    """Return what was found in `uploads`; what was found in others is forgotten."""
    batch: Batch | None = st.session_state.get(_KEY)
    if batch and batch.files != _ids(uploads):
        del st.session_state[_KEY]
        return None
    return batch


def picture(uploads: Sequence[Any], number: int) -> bytes:
    """Return the bytes of one of the pictures, undecoded, from where they were uploaded to."""
    source = UploadedSource(uploads)
    try:
        return source.read(source.members[number])
    finally:
        source.close()


def _ids(uploads: Sequence[Any]) -> tuple[str, ...]:
    return tuple(upload.file_id for upload in uploads)
