"""A button that makes a new version of a data set, after asking for the reason."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.versions import MAX_REASON
from dashboard.ui import panels
from dashboard.ui.text import t
from dashboard.ui.undo import offer_undo


def change_button(
    label: str,
    dataset: Dataset,
    act: Callable[[str], Dataset],
    *,
    reason: str,
    icon: str,
    key: str,
    disabled: bool = False,
) -> None:
    """Draw a button that opens the question; confirmed, `act` is called and can be undone.

    Args:
        label: On the button, and again on the one that confirms.
        dataset: What is changed.
        act: Given the reason, makes the new version.
        reason: Proposed.
        icon: Material icon of the button.
        key: Distinguishes several on a page.
        disabled: Whether it is shown but cannot be pressed.
    """
    popover = f"{key}-{dataset.version}"  # another one for the new version, so it is closed then
    with st.popover(label, icon=f":material/{icon}:", key=popover, disabled=disabled):
        st.write(t("This makes a new version of the data set; the version before is kept."))
        given = st.text_input(t("Reason"), reason, max_chars=MAX_REASON, key=f"{key}-reason")
        if st.button(label, type="primary", key=key):
            with panels.guard():
                with st.spinner(t("Making the new version…")):
                    made = act(given)
                offer_undo(dataset, made)
                st.rerun()
