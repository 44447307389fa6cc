"""Whether this session may change something."""

from __future__ import annotations

import secrets

import streamlit as st

from dashboard.core.settings import settings
from dashboard.ui.text import t

_KEY = "token"


def may_change() -> bool:
    """True on a loopback address, or with the token in the URL that was printed at start."""
    if settings().demo:
        return False
    if settings().loopback:
        return True
    given = st.query_params.get(_KEY) or st.session_state.get(_KEY, "")
    st.session_state[_KEY] = given
    return bool(settings().token) and secrets.compare_digest(
        given.encode(), settings().token.encode()
    )


def change_notice() -> None:
    """Say why the buttons that change something are missing."""
    if settings().demo:
        st.info(t("This is a demo: you can look, classify and explain, but not change anything."))
    else:
        st.info(
            t("To change something, open the address with the token that was printed at start.")
        )
