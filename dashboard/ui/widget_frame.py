"""Where the Gradio widget lies for this session."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dashboard.core.text import DEFAULT_LANGUAGE


def widget_address(language: str) -> str:
    """Address of the widget in `language`, in the session's light or dark theme."""
    folder = "" if language == DEFAULT_LANGUAGE else f"{language}/"
    query = {
        "__theme": [st.context.theme.type or "light"],
        "model": st.query_params.get_all("model"),
    }
    return f"/classify/{folder}?{urlencode(query, doseq=True)}"
