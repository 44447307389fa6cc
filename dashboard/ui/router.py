"""The Streamlit script: page frame, navigation, language switch, then the chosen page."""

from __future__ import annotations

import streamlit as st

from dashboard.core.settings import REPOSITORY
from dashboard.ui import links, panels
from dashboard.ui.access import account
from dashboard.ui.text import language_switch

_ASSETS = REPOSITORY / "assets"


def main() -> None:
    """Draw the frame and run the chosen page."""
    st.set_page_config(page_title="Lightbox", page_icon=str(_ASSETS / "icon.png"), layout="wide")
    st.html(_ASSETS / "styles.css")
    st.logo(str(_ASSETS / "logo.svg"), size="large", icon_image=str(_ASSETS / "icon.png"))
    page = st.navigation(list(links.pages().values()))
    with st.sidebar:
        language_switch()
        account()
    with panels.guard():
        page.run()


main()
