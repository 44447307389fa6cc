"""Plotly figures. Streamlit's theme gives them their colours, light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape  # Plotly reads labels as HTML

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.core.runs.history import cut
from dashboard.core.training.range_test import RISEN, RangeTest
from dashboard.ui.text import split_names, t

_MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}
_LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}

_MAX_LEGEND = 24  # names; more would leave no room for the points, which tell theirs when touched


def _layout(figure: go.Figure, height: int, **axes: object) -> go.Figure:
    return figure.update_layout(height=height, margin=_MARGIN, legend=_LEGEND, **axes)


def class_counts(counts: pd.DataFrame) -> go.Figure:
    """Stack the images of each class by split.

    Args:
        counts: Rows are classes, columns are splits.
    """
    names = split_names()
    classes = [escape(str(name)) for name in counts.index]
    figure = go.Figure(
        [
            go.Bar(name=names.get(split, split), x=classes, y=counts[split])
            for split in counts.columns
        ]
    )
    return _layout(figure, 320, barmode="stack", xaxis_type="category", yaxis_title=t("images"))


def histogram(middles: Sequence[float], counts: Sequence[int], title: str) -> go.Figure:
    """Draw how a property of images is spread.

    Args:
        middles: Of the bins.
        counts: Images in each.
        title: What the property is.
    """
    figure = go.Figure(go.Bar(x=middles, y=counts))
    return _layout(figure, 240, bargap=0, title_text=title, yaxis_title=t("images"))


def shares(counts: pd.Series, title: str) -> go.Figure:
    """Draw one bar for each value that a property of images has.

    Args:
        counts: Value → images.
        title: What the property is.
    """
    figure = go.Figure(go.Bar(x=[escape(str(value)) for value in counts.index], y=counts))
    return _layout(figure, 240, xaxis_type="category", title_text=title, yaxis_title=t("images"))


def size_scatter(sizes: pd.DataFrame) -> go.Figure:
    """Draw a point for each size of image, the larger the more images have it.

    Args:
        sizes: Columns `width`, `height` (pixels) and `n`.
    """
    figure = go.Figure(
        go.Scattergl(
            x=sizes["width"],
            y=sizes["height"],
            mode="markers",
            marker={"size": sizes["n"] ** 0.5, "sizemin": 4, "opacity": 0.6,
                    "sizeref": float(sizes["n"].max()) ** 0.5 / 24},
            customdata=sizes["n"],
            hovertemplate="%{x} × %{y}: %{customdata}<extra></extra>",
        )
    )  # fmt: skip
    return _layout(
        figure, 320, title_text=t("size"), xaxis_title=t("width in pixels"),
        yaxis_title=t("height in pixels"),
    )  # fmt: skip


def learning_curve(
    batches: Sequence[tuple[int, float]],
    smooth: Sequence[tuple[int, float]],
    epochs: Sequence[tuple[int, float]],
    title: str,
    unfrozen_at: int | None = None,
    until: int | None = None,
) -> go.Figure:
    """Draw a metric by batch, raw and smoothed, with its validation by epoch.

    Args:
        batches: (step, value) of training batches.
        smooth: The same, smoothed.
        epochs: (step, value) of validations.
        title: What is measured.
        unfrozen_at: The batch at which the second phase of a transfer begins.
        until: The last batch to show, on axes that have room for the rest; None for all, on axes
            that grow with them.
    """
    figure = go.Figure()
    if unfrozen_at:
        rises = bool(smooth) and smooth[-1][1] > smooth[0][1]
        figure.add_vline(
            unfrozen_at, line_dash="dot", line_color="gray",
            annotation_text=t("backbone unfrozen"),
            annotation_position="bottom right" if rises else "top right",  # where no curve is
        )  # fmt: skip
    for points, name, style in (
        (batches, t("each batch"), {"mode": "lines", "line_width": 1, "opacity": 0.35}),
        (smooth, t("smoothed"), {"mode": "lines", "line_width": 2.5}),
        (epochs, t("validation"), {"mode": "lines+markers", "line_width": 2, "marker_size": 7}),
    ):
        shown = points if until is None else cut(points, until)
        # One empty point holds the place in the legend of a curve that is still to come.
        shown = shown or [(None, None)] * bool(points)
        figure.add_scatter(
            x=[step for step, _ in shown], y=[value for _, value in shown], name=name, **style
        )
    # Margins that fit the labels by themselves would be measured anew at every redraw.
    figure.update_xaxes(automargin=False).update_yaxes(automargin=False)
    if until is not None:
        _fix_axes(figure, [*batches, *epochs])
    return _layout(
        figure, 340, title_text=title, xaxis_title=t("batch"), uirevision=title, title_y=0.98
    ).update_layout(margin={**_MARGIN, "t": 64, "l": 48, "b": 48}, yaxis_rangemode="nonnegative")


def _fix_axes(figure: go.Figure, points: Sequence[tuple[int, float]]) -> None:
    values = [value for _, value in points if math.isfinite(value)] or [0.0]
    room = 0.05 * (max(values) - min(values))
    figure.update_xaxes(range=[0, 1.02 * max((step for step, _ in points), default=1)])
    figure.update_yaxes(range=[max(min(values) - room, 0), max(values) + room])


def range_test(found: RangeTest) -> go.Figure:
    """Draw the loss against the learning rate, with the rate to choose."""
    figure = go.Figure()
    for values, name, style in (
        (found.losses, t("each batch"), {"line_width": 1, "opacity": 0.35}),
        (found.smoothed, t("smoothed"), {"line_width": 2.5}),
    ):
        figure.add_scatter(x=found.rates, y=values, name=name, mode="lines", **style)
    if found.suggested:
        place = math.log10(found.suggested)  # on such an axis Plotly places texts by it
        figure.add_vline(found.suggested, line_dash="dot", line_color="gray")
        figure.add_annotation(
            x=place, y=0, yref="y domain", text=f"{found.suggested:.2g}", showarrow=False,
            xanchor="right", yanchor="bottom",
        )  # fmt: skip
    most = min(found.losses.max(), RISEN * found.smoothed[0])
    figure.update_yaxes(range=[0, 1.05 * most], automargin=False)
    figure.update_xaxes(
        type="log", title_text=t("Learning rate"), automargin=False, exponentformat="power", dtick=1
    )
    return _layout(figure, 340, title_text=t("Loss by learning rate"), title_y=0.98).update_layout(
        margin={**_MARGIN, "t": 64, "l": 48, "b": 48}
    )


def probabilities(labels: Sequence[str], values: Sequence[float]) -> go.Figure:
    """Draw one bar per label, most probable on top.

    Args:
        labels: Class names.
        values: Probabilities 0–1.
    """
    figure = go.Figure(
        go.Bar(
            x=list(values)[::-1],
            y=[escape(label) for label in labels][::-1],
            orientation="h",
            text=[f"{value:.1%}" for value in values][::-1],
            textposition="auto",
        )
    )
    return _layout(
        figure,
        60 + 34 * len(labels),
        xaxis={"range": [0, 1.001], "tickformat": ".0%"},
        yaxis_type="category",
        showlegend=False,
    ).update_layout(margin={**_MARGIN, "t": 8, "r": 32})


def scatter_map(places: pd.DataFrame, names: Sequence[str], rest: str = "") -> go.Figure:
    """Draw a point per image, coloured by its name; WebGL, for tens of thousands.

    Args:
        places: Columns `id`, `x`, `y`.
        names: Of each row: its class, or what is wrong with it.
        rest: The name of points that are only background.
    """
    figure = go.Figure()
    groups = dict(list(places.assign(name=list(names)).groupby("name", sort=True)))
    for name in sorted(groups, key=lambda name: name != rest):  # the background is drawn first
        group = groups[name]
        figure.add_scattergl(
            x=group["x"],
            y=group["y"],
            mode="markers",
            marker={"size": 5, **({"color": "rgba(128, 128, 128, 0.25)"} if name == rest else {})},
            name=escape(str(name)),
            customdata=group[["id"]],
            hovertemplate="%{fullData.name}<extra></extra>",
        )
    return _layout(
        figure,
        560,
        xaxis_visible=False,
        yaxis_visible=False,
        dragmode="lasso",
        showlegend=len(groups) <= _MAX_LEGEND,
        modebar_orientation="v",  # beside the points and not over the legend
    ).update_layout(margin={**_MARGIN, "t": 48, "r": 40})


def confusion(matrix: np.ndarray, classes: Sequence[str]) -> go.Figure:
    """Draw how often each class was taken for each.

    Args:
        matrix: (classes, classes), images by true and predicted class.
        classes: Their names.
    """
    names = [escape(name) for name in classes]
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            customdata=matrix,
            zmin=0,
            zmax=1,
            showscale=False,
            colorscale="Teal",
            hovertemplate=f"{t('true')}: %{{y}}<br>{t('predicted')}: %{{x}}<br>%{{customdata}}"
            "<extra></extra>",
        )
    )
    figure.update_xaxes(type="category", title_text=t("predicted"))
    figure.update_yaxes(type="category", title_text=t("true"), autorange="reversed")
    return _layout(figure, 360, title_text=t("Confusions"), uirevision="confusion")


def class_accuracy(matrix: np.ndarray, classes: Sequence[str]) -> go.Figure:
    """Draw the share of each class's images that were recognised; `matrix` as in `confusion`."""
    found = matrix.diagonal() / np.maximum(matrix.sum(axis=1), 1)
    figure = go.Figure(go.Bar(x=[escape(name) for name in classes], y=found))
    figure.update_yaxes(range=[0, 1], tickformat=".0%")
    figure.update_xaxes(type="category")
    return _layout(figure, 360, title_text=t("Recognised of each class"), uirevision="classes")


def learning_rates(rates: Sequence[float]) -> go.Figure:
    """Draw the learning rate over the run, (position from 0 to 1)."""
    places = [place / max(len(rates) - 1, 1) for place in range(len(rates))]
    figure = go.Figure(go.Scatter(x=places, y=list(rates), mode="lines"))
    figure.update_xaxes(tickformat=".0%")
    return _layout(figure, 160, title_text=t("Learning rate over the run"))
