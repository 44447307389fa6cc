"""Which image is shown large. It stands in the URL, so a link shows it too."""

from __future__ import annotations

import streamlit as st

_PARAM = "image"


def shown_image() -> str:
    """Return its id, or ""."""
    return st.query_params.get(_PARAM, "")


def show_image(image_id: str) -> None:
    """Show this one."""
    st.query_params[_PARAM] = image_id


def hide_image() -> None:
    """Show none."""
    st.query_params.pop(_PARAM, None)
