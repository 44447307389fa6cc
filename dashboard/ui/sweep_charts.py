"""Plotly figures of a sweep. Streamlit's theme gives them their colours, light and dark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape  # Plotly reads labels as HTML
from typing import Any

import plotly.graph_objects as go

from dashboard.core.sweeps.search import Choices, Range, Search
from dashboard.core.sweeps.trials import Trial
from dashboard.ui.text import t

_MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}
_SCALE = [[0, "#d97706"], [0.5, "#94a3b8"], [1, "#14b8a6"]]  # seen on white and on black
_TICKS = 6  # on an axis of numbers; more would touch


def parallel_coordinates(
    trials: Sequence[Trial], search: Search, names: Mapping[str, str]
) -> go.Figure:
    """Draw a line for each trial through what it tried and the accuracy it reached.

    Args:
        trials: With an accuracy.
        search: What varied.
        names: Field → name shown.
    """
    dimensions = [
        {"label": escape(names[name]), **_axis(entry, [trial.values[name] for trial in trials])}
        for name, entry in search.items()
    ]
    reached = [trial.accuracy for trial in trials]
    result = {"label": t("validation accuracy"), "values": reached, "tickformat": ".1%"}
    figure = go.Figure(
        go.Parcoords(
            dimensions=[*dimensions, result],
            line={"color": reached, "colorscale": _SCALE, "showscale": False},
            labelangle=-12,
            labelfont={"size": 13},
            tickfont={"size": 12},
        )
    )
    return figure.update_layout(height=360, margin={"l": 64, "r": 64, "t": 72, "b": 24})


def _axis(entry: Choices | Range, values: Sequence[Any]) -> dict[str, Any]:
    if isinstance(entry, Choices):
        options = sorted(entry.values, key=lambda value: (isinstance(value, str), value))
        codes = list(range(len(options)))
        return {
            "values": [options.index(value) for value in values],
            "tickvals": codes,
            "ticktext": [
                escape(f"{option:g}" if isinstance(option, float) else str(option))
                for option in options
            ],
            "range": [-0.1, max(codes[-1], 1) + 0.1],
        }
    if not entry.log:
        return {"values": list(values), "range": [entry.low, entry.high]}
    ticks = _powers(entry.low, entry.high)
    return {
        "values": [math.log10(value) for value in values],
        "tickvals": [math.log10(tick) for tick in ticks],
        "ticktext": [f"{tick:g}" for tick in ticks],
        "range": [math.log10(entry.low), math.log10(entry.high)],
    }


def _powers(low: float, high: float) -> list[float]:
    """Return the ends of a logarithmic axis and powers of ten between them, not too many."""
    first, last = math.ceil(math.log10(low) + 1e-9), math.floor(math.log10(high) - 1e-9)
    powers = list(range(first, last + 1))
    powers = powers[:: max(1, math.ceil(len(powers) / (_TICKS - 2)))]
    return [low, *(float(f"1e{power}") for power in powers), high]


def best_so_far(trials: Sequence[Trial]) -> go.Figure:
    """Draw the accuracy of each trial, and the best up to there.

    Args:
        trials: With an accuracy, in their order.
    """
    numbers = [trial.number for trial in trials]
    reached = [trial.accuracy or 0.0 for trial in trials]
    best = [max(reached[: index + 1]) for index in range(len(reached))]
    figure = go.Figure()
    figure.add_scatter(
        x=numbers, y=best, name=t("best so far"), mode="lines", line={"shape": "hv", "width": 2.5}
    )
    figure.add_scatter(x=numbers, y=reached, name=t("each run"), mode="markers", marker={"size": 9})
    figure.update_yaxes(tickformat=".0%", automargin=False)
    figure.update_xaxes(title_text=t("run"), dtick=max(1, len(trials) // 10), automargin=False)
    return figure.update_layout(
        height=320,
        title_text=t("Validation accuracy"),
        title_y=0.98,
        margin={**_MARGIN, "t": 64, "l": 48, "b": 48},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        uirevision="best",
    )


def importance_bars(shares: Mapping[str, float], names: Mapping[str, str]) -> go.Figure:
    """Draw how much each field decides, the most on top.

    Args:
        shares: Field → share, the largest first.
        names: Field → name shown.
    """
    fields = list(shares)[::-1]
    figure = go.Figure(
        go.Bar(
            x=[shares[field] for field in fields],
            y=[escape(names[field]) for field in fields],
            orientation="h",
            text=[f"{shares[field]:.0%}" for field in fields],
            textposition="auto",
        )
    )
    return figure.update_layout(
        height=320,
        title_text=t("Importance"),
        title_y=0.98,
        xaxis={"range": [0, 1.001], "tickformat": ".0%"},
        yaxis_type="category",
        showlegend=False,
        margin={**_MARGIN, "t": 64, "b": 48},
    )
