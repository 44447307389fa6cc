"""Charts that do not flash when they change."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

_DRAWN = "steady-charts"


def steady_chart(place: Any, figure: go.Figure, key: str) -> None:
    """Draw a figure on top of the one it takes the place of.

    A browser builds a chart whose data changed from nothing: for two or three frames there is a
    hole in the page. With another key each is a chart of its own, so the one before is left as it
    is, and covered as soon as the new one is there (`styles.css` lays them over each other).

    Args:
        place: A container.
        figure: What to draw.
        key: Of the chart in the page.
    """
    drawn: dict[str, list[tuple[int, go.Figure]]] = st.session_state.setdefault(_DRAWN, {})
    shown = drawn.setdefault(key, [])
    if not shown or shown[-1][1] != figure:
        shown.append((shown[-1][0] + 1 if shown else 0, figure))
    del shown[:-2]
    with place.container(key=key):
        for number, one in shown:
            st.plotly_chart(one, key=f"{key}-{number}", config={"displayModeBar": False})
