"""The Streamlit script: page frame, navigation, language switch, then the chosen page."""

from __future__ import annotations

import streamlit as st

from dashboard.core.settings import REPOSITORY
from dashboard.core.text import LANGUAGES, best_language
from dashboard.ui import links, panels, text
from dashboard.ui.text import t

_ASSETS = REPOSITORY / "assets"


def main() -> None:
    """Draw the frame and run the chosen page."""
    st.set_page_config(page_title="Lightbox", page_icon=str(_ASSETS / "icon.png"), layout="wide")
    st.html(_ASSETS / "styles.css")
    st.logo(str(_ASSETS / "logo.svg"), size="large", icon_image=str(_ASSETS / "icon.png"))
    page = st.navigation(list(links.pages().values()))
    with st.sidebar:
        codes = list(LANGUAGES)
        st.selectbox(
            t("Language"),
            codes,
            index=codes.index(best_language(st.context.locale)),
            format_func=LANGUAGES.__getitem__,
            key=text.KEY,
            bind="query-params",
        )
    with panels.guard():
        page.run()


main()
