"""Whether this session may change something, and who it is."""

from __future__ import annotations

import secrets

import streamlit as st

from dashboard.core.settings import settings
from dashboard.ui.text import t

_KEY = "token"


def may_change() -> bool:
    """True on a loopback address, with the token that was printed at start, and for editors."""
    if settings().demo:
        return False
    return settings().loopback or _is_editor() or _has_token()


def change_notice() -> None:
    """Say why the buttons that change something are missing, and what to do."""
    if settings().demo:
        st.info(t("This is a demo: you can look, classify and explain, but not change anything."))
    elif not settings().editors:
        st.info(
            t("To change something, open the address with the token that was printed at start.")
        )
    elif _is_signed_in():
        st.info(t("You are signed in, but may not change anything here."))
    else:
        st.info(t("To change something, sign in."))
        st.button(t("Sign in"), on_click=st.login, icon=":material/login:", key="sign-in")


def account() -> None:
    """Draw who is signed in, and the way out; nothing for anybody else."""
    if settings().editors and _is_signed_in():
        st.text(t("Signed in as {email}", email=str(st.user.get("email", ""))))
        st.button(t("Sign out"), on_click=st.logout, icon=":material/logout:", key="sign-out")


def _is_signed_in() -> bool:
    return bool(st.user.get("is_logged_in"))


def _is_editor() -> bool:
    # Of some providers anybody gets an account under any address, which they say is not verified.
    verified = _is_signed_in() and st.user.get("email_verified") is True
    return verified and str(st.user.get("email", "")).lower() in settings().editors


def _has_token() -> bool:
    given = st.query_params.get(_KEY) or st.session_state.get(_KEY, "")
    st.session_state[_KEY] = given
    return bool(settings().token) and secrets.compare_digest(
        given.encode(), settings().token.encode()
    )
