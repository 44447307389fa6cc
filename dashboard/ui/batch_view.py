"""Many pictures at once: upload, models, answers."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.archive import MAX_BYTES
from dashboard.core.data.uploaded import MAX_PICTURES
from dashboard.core.feedback.giving import what_is_kept
from dashboard.core.images import MAX_BYTES as MAX_IMAGE_BYTES
from dashboard.core.models.card import Card
from dashboard.core.models.store import DEFAULT_MODEL
from dashboard.core.serving.many import MAX_MODELS
from dashboard.ui import batch_run, panels
from dashboard.ui.batch_summary import batch_summary
from dashboard.ui.batch_table import batch_table
from dashboard.ui.text import t
from dashboard.ui.url import url_choices

_MODELS = "models"


def batch_view(cards: list[Card]) -> None:
    """Draw the controls and, once there are any, the answers of some of `cards`' models."""
    st.caption(
        t(
            "Up to {n} pictures at once, of {mb} MB each and {total} MB together: a second or two "
            "for a hundred small ones, about a minute for a hundred photos of a phone. In a zip, "
            "folders named like classes are taken for the truth. The pictures are forgotten when "
            "you remove them or close the page.",
            n=MAX_PICTURES, mb=MAX_IMAGE_BYTES // 2**20, total=MAX_BYTES // 10**6,
        )
        + " "
        + t(what_is_kept())
    )  # fmt: skip
    uploads = st.file_uploader(
        t("Pictures, or a zip of pictures"), accept_multiple_files=True, key="pictures"
    )
    models = _choose_models(cards)
    if st.button(
        t("Classify the pictures"), type="primary", icon=":material/image_search:",
        disabled=not (uploads and models),
    ):  # fmt: skip
        with panels.guard():
            batch_run.run(uploads, models)
    batch = batch_run.found(uploads)
    if not batch or not batch.rows:
        return
    if len(batch.rows) < batch.total:
        st.warning(
            t("Stopped after {done} of {total} pictures.",
              done=len(batch.rows), total=batch.total),
            icon=":material/stop_circle:",
        )  # fmt: skip
    truth = batch_summary(batch)
    batch_table(batch, uploads, truth)


def _choose_models(cards: list[Card]) -> list[Card]:
    names = {card.name: card for card in cards}
    first = DEFAULT_MODEL if DEFAULT_MODEL in names else cards[0].name
    st.query_params.setdefault(_MODELS, first)
    label = t("Models, up to {limit} side by side", limit=MAX_MODELS)
    chosen = url_choices(label, {name: name for name in names}, _MODELS, MAX_MODELS, t("Choose"))
    return [names[name] for name in chosen]
