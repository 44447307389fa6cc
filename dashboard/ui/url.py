"""Choices that stand in the URL by their stable id, whatever the language they are shown in.

Streamlit's own `bind="query-params"` writes the shown text, so it serves only where that text is
data, such as a class name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st


def url_select(
    label: str, options: Mapping[str, str], param: str, default: str | None, **more: Any
) -> str | None:
    """Draw a select box and return the id of the chosen option.

    Args:
        label: What is chosen.
        options: Id → text shown.
        param: Name in the URL.
        default: Id where the URL names none; an unknown id in the URL chooses nothing.
        **more: For `st.selectbox`.
    """
    current = st.query_params.get(param, default)
    ids = list(options)
    st.selectbox(
        label,
        ids,
        index=ids.index(current) if current in options else None,
        format_func=options.__getitem__,
        **_remembered(param, current),
        **more,
    )
    return current


def url_tabs(label: str, options: Mapping[str, str], param: str) -> str:
    """Draw a row of buttons, the first being the default, and return the id of the chosen one."""
    ids = list(options)
    current = st.query_params.get(param)
    current = current if current in options else ids[0]
    st.segmented_control(
        label,
        ids,
        default=current,
        required=True,
        format_func=options.__getitem__,
        label_visibility="collapsed",
        width="stretch",
        **_remembered(param, current),
    )
    return current


def _remembered(param: str, current: str | None) -> dict[str, Any]:
    # Another choice in the URL, another widget: it then shows that choice. The callback runs
    # before the page does, so the page already reads the new choice from the URL.
    key = f"{param}:{current}"

    def remember() -> None:
        st.query_params[param] = st.session_state[key]

    return {"key": key, "on_change": remember}
