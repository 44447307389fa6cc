"""What the images of a data set are like: size, colours, light, and their mean."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.distribution import histogram, sizes
from dashboard.ui import charts
from dashboard.ui.averages_view import averages_view
from dashboard.ui.text import literal, t


def statistics_view(dataset: Dataset) -> None:
    """Draw the distributions of a class or of all images, then mean images and colours."""
    chosen = st.selectbox(
        t("Class"), dataset.classes, index=None, placeholder=t("all classes"),
        key="class", bind="query-params",
    )  # fmt: skip
    rows = dataset.rows(class_index=dataset.classes.index(chosen) if chosen else None)
    _sizes(rows)
    _side_by_side([*_kinds(rows), *_light(rows)])
    averages_view(dataset)


def _sizes(rows: pd.DataFrame) -> None:
    found = sizes(rows)
    if len(found) == 1:
        size = found.iloc[0]
        st.write(t("All these images have {width} × {height} pixels.",
                   width=int(size["width"]), height=int(size["height"])))  # fmt: skip
        return
    aspect = rows["width"] / rows["height"]
    _side_by_side(
        [
            charts.size_scatter(found),
            charts.histogram(*histogram(aspect), t("aspect ratio: width / height")),
        ]
    )


def _kinds(rows: pd.DataFrame) -> list[go.Figure]:
    """Charts of what varies; a sentence for what does not."""
    figures = []
    for column, title in (("mode", t("colour mode")), ("format", t("file format"))):
        if column not in rows:  # imported before it was kept
            continue
        counts = rows[column].value_counts()
        if len(counts) == 1:
            st.write(t("All these images have the same {what}: {value}.",
                       what=title, value=literal(str(counts.index[0]))))  # fmt: skip
        else:
            figures.append(charts.shares(counts, title))
    return figures


def _light(rows: pd.DataFrame) -> list[go.Figure]:
    titles = {
        "brightness": t("brightness"),
        "contrast": t("contrast"),
        "sharpness": t("sharpness"),
        "bytes": t("file size in bytes"),
    }
    return [
        charts.histogram(*histogram(rows[column]), title)
        for column, title in titles.items()
        if column in rows
    ]


def _side_by_side(figures: list[go.Figure]) -> None:
    for start in range(0, len(figures), 2):
        for column, figure in zip(st.columns(2), figures[start : start + 2], strict=False):
            column.plotly_chart(figure, config={"displayModeBar": False})
