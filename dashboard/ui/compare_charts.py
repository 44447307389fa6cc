"""Figures of several runs. Each run has its place in every figure, and so the same colour."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape  # Plotly reads labels as HTML
from itertools import product

import plotly.graph_objects as go

from dashboard.core.evaluate.paired import Agreement
from dashboard.core.models.card import Metric
from dashboard.ui.text import t

_LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
_HEIGHT = 280
_ROW = 34
_IN_A_ROW = 4  # letters in the legend of a narrow chart


def curves(
    points: Sequence[tuple[Sequence[float], Sequence[float]]],
    names: Sequence[str],
    title: str,
    axis_title: str,
    markers: bool,
) -> go.Figure:
    """Lay the curves of several runs over each other.

    Args:
        points: Of each run: where, and how much.
        names: Of the runs.
        title: What is measured.
        axis_title: Along what.
        markers: Whether each point is marked.
    """
    figure = go.Figure()
    for (places, values), name in zip(points, names, strict=True):
        figure.add_scatter(
            x=places, y=values, name=escape(name), mode="lines+markers" if markers else "lines",
            line_width=2, marker_size=6, showlegend=True,
        )  # fmt: skip
    # Margins that fit the labels by themselves would be measured anew at every redraw.
    figure.update_xaxes(automargin=False).update_yaxes(automargin=False)
    legend = 40 if len(names) > _IN_A_ROW else 20
    return figure.update_layout(
        height=_HEIGHT + legend, margin={"l": 48, "r": 8, "t": 44 + legend, "b": 48},
        legend=_LEGEND, title_y=0.97,
        title_text=title, xaxis_title=axis_title, uirevision=f"{title} {axis_title}",
        xaxis_rangemode="tozero", yaxis_rangemode="nonnegative",
    )  # fmt: skip


def intervals(metrics: Sequence[Metric | None], names: Sequence[str], title: str) -> go.Figure:
    """Draw a figure of each run as a dot with its interval.

    Args:
        metrics: Of each run; None where it has none.
        names: Of the runs.
        title: What is measured.
    """
    figure = go.Figure()
    for metric, name in zip(metrics, names, strict=True):
        found = [metric] if metric else []
        figure.add_scatter(
            x=[item.value for item in found],
            y=[escape(name)] * len(found),
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [item.high - item.value for item in found],
                "arrayminus": [item.value - item.low for item in found],
                "thickness": 2,
                "width": 6,
            },
            mode="markers",
            marker_size=11,
            hovertemplate="%{x:.1%}<extra>%{y}</extra>",
            showlegend=False,
        )
    shown = [escape(name) for metric, name in zip(metrics, names, strict=True) if metric]
    figure.update_xaxes(tickformat=".0%")
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=shown,
        range=[len(shown) - 0.5, -0.5],
    )  # fmt: skip
    return figure.update_layout(
        height=88 + _ROW * len(shown), margin={"l": 8, "r": 16, "t": 40, "b": 8}, title_text=title
    )


def agreement(found: Agreement, first: str, second: str) -> go.Figure:
    """Draw how often each of two runs was right, as four fields.

    Args:
        found: The counts.
        first, second: Names of the runs.
    """
    counts = [[found.both, found.only_first], [found.only_second, found.neither]]
    figure = go.Figure(
        go.Heatmap(
            z=[[0, 1], [1, 0]],  # the two fields that tell them apart stand out
            x=[t("{name} right", name=escape(second)), t("{name} wrong", name=escape(second))],
            y=[t("{name} right", name=escape(first)), t("{name} wrong", name=escape(first))],
            customdata=counts,
            colorscale=[[0, "rgba(128, 128, 128, 0.12)"], [1, "rgba(217, 119, 6, 0.35)"]],
            showscale=False,
            xgap=4,
            ygap=4,
            hovertemplate="%{y}, %{x}: %{customdata:,}<extra></extra>",
        )
    )
    for row, column in product(range(2), range(2)):  # the text of fields is black on any ground
        figure.add_annotation(
            x=column, y=row, text=f"{counts[row][column]:,}", showarrow=False, font_size=18
        )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return figure.update_layout(height=190, margin={"l": 8, "r": 8, "t": 32, "b": 8})
