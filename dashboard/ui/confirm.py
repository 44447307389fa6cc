"""Asking once more before something is lost."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.ui import panels


def confirm_button(label: str, question: str, act: Callable[[], None], icon: str, key: str) -> None:
    """Draw a button that opens a question, and call `act` when it is confirmed.

    Args:
        label: On the button, and again on the one that confirms.
        question: What will happen.
        act: Does it; the page is drawn anew afterwards.
        icon: Material icon of the button.
        key: Distinguishes several on a page.
    """
    with st.popover(label, icon=f":material/{icon}:"):
        st.write(question)
        if st.button(label, type="primary", key=key):
            with panels.guard():
                act()
                st.rerun()
