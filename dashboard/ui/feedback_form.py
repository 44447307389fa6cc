"""“This is wrong”: a visitor says what is right, and may hand the picture in."""

from __future__ import annotations

import hashlib

import streamlit as st

from dashboard.core.feedback.giving import give
from dashboard.core.models.card import Card
from dashboard.core.serving.answers import Answer
from dashboard.core.settings import settings
from dashboard.core.tasks import class_name
from dashboard.ui import panels
from dashboard.ui.text import literal, t


def feedback_form(card: Card, answer: Answer, content: bytes) -> None:
    """Draw the form, folded, unless feedback is switched off.

    Args:
        card: Of the model that answered.
        answer: Its answer.
        content: The picture, undecoded.
    """
    if not settings().feedback:
        return
    key = f"feedback-{hashlib.sha256(content).hexdigest()[:12]}-{card.name}"
    with st.expander(t("This is wrong"), icon=":material/flag:", key=key):
        label = st.selectbox(
            t("It is"), card.classes, index=None, placeholder=t("Choose"), key=f"{key}-label"
        )
        consent = st.checkbox(
            t(
                "I agree that this picture is stored here, without its metadata, and may be used "
                "to train models. Nothing else is stored."
            ),
            key=f"{key}-consent",
        )
        if st.button(t("Hand in"), disabled=not (label and consent), key=f"{key}-give"):
            first = answer.predictions[0]
            with panels.guard():
                given = class_name(first.task, first.label)
                item = give(content, card.name, answer.version, given, str(label), consent)
                st.success(
                    t("Thank you. It waits to be looked at, as “{label}”.",
                      label=literal(item.label)),
                    icon=":material/check:",
                )  # fmt: skip
