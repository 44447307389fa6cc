"""Measuring how far to trust a model, from its card."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.store import list_datasets
from dashboard.core.models.card import Card
from dashboard.core.training.calibrating import STAGES, calibrate_apart
from dashboard.ui import panels
from dashboard.ui.text import literal, t

_MEASURED = "measured"


def calibrate_form(card: Card) -> None:
    """Draw the choice of a data set with the classes of the model, and the button."""
    fitting = [
        item.name
        for item in list_datasets()
        if item.task == card.task and set(item.classes) == set(card.classes)
    ]
    if not fitting:
        st.caption(t("To measure how far to trust this model, import a data set with its classes."))
        return
    with st.form("calibrate", border=False):
        chosen = st.selectbox(
            t("Data set with the same classes"), fitting, format_func=literal, key="calibrate-by"
        )
        pressed = st.form_submit_button(
            t("Measure how far to trust it"),
            icon=":material/verified:",
            help=t("Its result is a new version of the model. Takes half a minute or more."),
        )
    if not pressed:
        return
    with panels.guard():
        with st.status(t("Measuring")) as status:

            def show(stage: str) -> None:
                status.update(label=t(STAGES[stage]))

            st.session_state[_MEASURED] = calibrate_apart(card.name, chosen, show).version
        st.rerun()


def just_measured(card: Card) -> bool:
    """Whether this version was measured in this visit, so that its figures are to be seen."""
    return bool(st.session_state.get(_MEASURED) == card.version)
