"""The reader's language in Streamlit pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.core.errors import LightboxError
from dashboard.core.text import LANGUAGES, best_language, explain_error, translate
from dashboard.ui.url import url_select

_KEY = "lang"


def language() -> str:
    """The chosen language: from the URL, this session's choice, or the browser."""
    for chosen in (st.query_params.get(_KEY), st.session_state.get(_KEY)):
        if chosen in LANGUAGES:
            return str(chosen)
    return best_language(st.context.locale)


def language_switch() -> None:
    """Draw the switch; the choice stays in the URL and survives going to another page."""
    if st.query_params.get(_KEY) not in LANGUAGES:
        st.query_params.pop(_KEY, None)
    if language() != (st.session_state.get(_KEY) or best_language(st.context.locale)):
        _translate_choices()
    chosen = url_select(t("Language"), LANGUAGES, _KEY, language())
    if _KEY in st.query_params or _KEY in st.session_state:
        st.session_state[_KEY] = st.query_params[_KEY] = chosen


def _translate_choices() -> None:
    """Set every choice to what it is, since a browser names it by the words it was shown in.

    It would go on sending those of the language before, which no option has any more.
    """
    for key, value in st.session_state.items():
        if str(key).startswith(f"{_KEY}:"):
            continue  # the switch, of which there is another one for each language
        several = value if isinstance(value, list | tuple) else [value]
        # Not buttons and uploads, which must not be set: they are true, false, nothing or files.
        if several and all(type(item) in (str, int, float) for item in several):
            st.session_state[key] = value


def in_link(**params: str) -> dict[str, str]:
    """Add the chosen language to the parameters of a link."""
    chosen = st.session_state.get(_KEY)
    return {**params, **({_KEY: chosen} if chosen else {})}


def t(message: str, **values: Any) -> str:
    """Translate `message` and fill its `{gaps}`."""
    return translate(message, language(), **values)


def sentence(error: LightboxError) -> str:
    """What went wrong, in the reader's language."""
    return explain_error(error, language())


def split_names() -> dict[str, str]:
    """Return split → its name in the reader's language."""
    return {"train": t("training"), "val": t("validation"), "test": t("test")}


def literal(text: str) -> str:
    """Return user-given text so that Markdown shows it as it is."""
    return "".join(f"\\{char}" if char in _MARKDOWN else char for char in text)


_MARKDOWN = frozenset("\\`*_{}[]()<>#+-.!|:$~")
