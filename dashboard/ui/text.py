"""The reader's language in Streamlit pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.core.errors import LightboxError
from dashboard.core.text import LANGUAGES, best_language, explain_error, translate

KEY = "lang"


def language() -> str:
    """The chosen language: from the switch, the URL, or the browser."""
    chosen = st.session_state.get(KEY) or st.query_params.get(KEY)
    return chosen if chosen in LANGUAGES else best_language(st.context.locale)


def t(message: str, **values: Any) -> str:
    """Translate `message` and fill its `{gaps}`."""
    return translate(message, language(), **values)


def sentence(error: LightboxError) -> str:
    """What went wrong, in the reader's language."""
    return explain_error(error, language())


def literal(text: str) -> str:
    """Return user-given text so that Markdown shows it as it is."""
    return "".join(f"\\{char}" if char in _MARKDOWN else char for char in text)


_MARKDOWN = frozenset("\\`*_{}[]()<>#+-.!|:$~")
