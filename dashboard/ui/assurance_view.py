"""What stands behind an answer: what was promised, what it is unlike, and the evidence."""

from __future__ import annotations

import streamlit as st

from dashboard.core.models.card import Card
from dashboard.core.serving.answers import Answer
from dashboard.core.serving.assurance import evidence_title, promise
from dashboard.core.serving.question import ERROR
from dashboard.ui.text import literal, t

_PICTURE_WIDTH = 96


def choose_error(card: Card) -> float:
    """Draw the choice of how sure the sets must be; return the rate at which they may miss."""
    rates = sorted({item.error for item in card.trust.coverage} if card.trust else (), reverse=True)
    if len(rates) < 2:
        return ERROR
    return st.select_slider(
        t("How sure the answer must be"), rates, ERROR if ERROR in rates else rates[-1],
        format_func=lambda rate: f"{1 - rate:.0%}", key="error", bind="query-params",
        help=t("The surer, the more classes it may name."),
    )  # fmt: skip


def assurance_view(card: Card, answer: Answer) -> None:
    """Draw the sentences, and the images known to the model that are most like the picture."""
    assurance = answer.assurance
    for note in (*answer.notes, *promise(assurance)):
        text = literal(t(note.template, **note.values))
        if note.code in ("unknown", "trained_on"):
            st.warning(text, icon=":material/help:")
        else:
            st.caption(text)
    if assurance and assurance.evidence:
        st.caption(t(evidence_title(card)))
        with st.container(horizontal=True):
            for item in assurance.evidence:
                st.image(
                    item.image_png, width=_PICTURE_WIDTH,
                    caption=literal(
                        t("{label}, {likeness:.0%} alike", label=item.label, likeness=item.likeness)
                    ),
                    alt=item.label,
                )  # fmt: skip
