"""Choices that stand in the URL by their stable id, whatever the language they are shown in.

Streamlit's own `bind="query-params"` writes the shown text, so it serves only where that text is
data, such as a class name.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import streamlit as st


def url_select(
    label: str,
    options: Mapping[str, str],
    param: str,
    default: str | None,
    clears: Sequence[str] = (),
    **more: Any,
) -> str | None:
    """Draw a select box and return the id of the chosen option.

    Args:
        label: What is chosen.
        options: Id → text shown.
        param: Name in the URL.
        default: Id where the URL names none; an unknown id in the URL chooses nothing.
        clears: Other names in the URL that mean nothing after another choice.
        **more: For `st.selectbox`.
    """
    current = st.query_params.get(param, default)
    ids = list(options)
    st.selectbox(
        label,
        ids,
        index=ids.index(current) if current in options else None,
        format_func=options.__getitem__,
        **_remembered(param, current, options.get(current or ""), clears),
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
        **_remembered(param, current, options[current]),
    )
    return current


def url_choices(
    label: str, options: Mapping[str, str], param: str, most: int, placeholder: str
) -> list[str]:
    """Draw a box of several choices and return the ids of the chosen options, in their order.

    Args:
        label: What is chosen.
        options: Id → text shown.
        param: Name in the URL, where commas are between the ids; unknown ones choose nothing.
        most: How many can be chosen.
        placeholder: Shown while nothing is chosen.
    """
    given = dict.fromkeys(st.query_params.get(param, "").split(","))
    current = [item for item in given if item in options][:most]
    key = f"{param}:choices"  # always the same, so that the list stays open between two choices
    st.session_state[key] = current

    def remember() -> None:
        st.query_params[param] = ",".join(st.session_state[key])

    st.multiselect(
        label, list(options), format_func=options.__getitem__, max_selections=most, key=key,
        on_change=remember, placeholder=placeholder, select_all=False,
    )  # fmt: skip
    return current


def url_page(n_pages: int, param: str, choice: Hashable) -> int:
    """Draw page numbers and return the chosen one, counted from 1.

    Args:
        n_pages: How many there are.
        param: Name in the URL.
        choice: What is paged through; with another one, the first page is chosen.
    """
    last = f"{param}-of"
    if st.session_state.setdefault(last, choice) != choice:
        st.session_state[last] = choice
        st.query_params.pop(param, None)
    given = st.query_params.get(param, "")
    current = min(int(given), n_pages) if given.isdecimal() and int(given) else 1
    st.pagination(n_pages, default=current, **_remembered(param, str(current), str(n_pages)))
    return current


def _remembered(
    param: str, current: str | None, shown: str | None, clears: Sequence[str] = ()
) -> dict[str, Any]:
    # Another choice in the URL, or other words for it, another widget: it then shows that choice.
    # The callback runs before the page does, so the page already reads the new choice from the URL.
    key = f"{param}:{current}:{shown}"

    def remember() -> None:
        for name in clears:
            st.query_params.pop(name, None)
        chosen = st.session_state[key]
        if chosen is None:
            st.query_params.pop(param, None)
        else:
            st.query_params[param] = chosen

    return {"key": key, "on_change": remember}
