"""What came of the import of a model: its answer to a known picture, under every range."""

from __future__ import annotations

import streamlit as st

from dashboard.core.models.card import Card
from dashboard.core.models.foreign.conventions import get_convention
from dashboard.core.models.foreign.importing import Imported
from dashboard.core.models.foreign.request import Found
from dashboard.ui.text import literal, t


def import_result(imported: Imported) -> str | None:
    """Draw it, and return the id of another range if that is to be published instead."""
    card, found = imported.card, imported.found
    st.success(
        t("{name}: {height} × {width} × {channels}, {k} classes", name=literal(card.name),
          height=card.input.height, width=card.input.width, channels=card.input.channels,
          k=len(card.classes)),
        icon=":material/check:",
    )  # fmt: skip
    if found.guessed:
        chosen = literal(t(get_convention(found.convention).label))
        known = t("The range of pixel values is a guess: {range}.", range=chosen)
        todo = (
            t("Choose the one whose answer to your picture is right.")
            if found.answers
            else t("Import it again with a picture you know the answer to, to see which one fits.")
        )
        st.warning(f"{known} {todo}", icon=":material/help:")
    other = _answers(found) if found.answers else None
    _open_button(card)
    return other


def _answers(found: Found) -> str | None:
    """Draw the answers to choose from."""
    st.caption(t("What it says of the picture, by the range of pixel values it is given:"))
    chosen = st.radio(
        t("Range of pixel values"),
        list(found.answers),
        index=list(found.answers).index(found.convention),
        format_func=lambda entry: t(get_convention(entry).label),
        captions=[
            ", ".join(f"{literal(label)} {share:.1%}" for label, share in best)
            for best in found.answers.values()
        ],
        label_visibility="collapsed",
    )
    other = chosen != found.convention
    if st.button(t("Publish with this range instead"), disabled=not other):
        return chosen
    return None


def _open_button(card: Card) -> None:
    def choose() -> None:
        st.session_state["model"] = card.name

    if st.button(t("See why it decides"), type="primary", on_click=choose):
        st.rerun()
