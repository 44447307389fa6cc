"""The images of a data set: how they are spread, and a gallery of them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.ui import charts, panels
from dashboard.ui.data import image_dialog
from dashboard.ui.gallery import gallery, page_of, tiles
from dashboard.ui.report_view import report_view
from dashboard.ui.text import t

_PER_PAGE = 60


def browse_view(dataset: Dataset) -> None:
    """Draw the distribution, the import report and the gallery with its filters."""
    counts = dataset.counts()
    st.plotly_chart(charts.class_counts(counts), config={"displayModeBar": False})
    with st.expander(t("Import report"), icon=":material/fact_check:"):
        report_view(dataset)
    left, right = st.columns(2)
    chosen_class = left.selectbox(
        t("Class"),
        dataset.classes,
        index=None,
        placeholder=t("all classes"),
        key="class",
        bind="query-params",
    )
    split = right.selectbox(
        t("Split"),
        list(counts.columns),
        index=None,
        placeholder=t("all splits"),
        key="split",
        bind="query-params",
    )
    rows = dataset.rows(split, dataset.classes.index(chosen_class) if chosen_class else None)
    paged_gallery(dataset, rows, "page")


def paged_gallery(dataset: Dataset, rows: pd.DataFrame, key: str, mixed: bool = True) -> None:
    """Draw rows of the index page by page; a click shows the image large.

    Args:
        dataset: Whose images.
        rows: Which of them.
        key: Name of the page number in the URL.
        mixed: Whether to mix the classes, or to keep the order of `rows`.
    """
    if rows.empty:
        panels.empty(t("No image matches this choice."))
        return
    page = st.pagination(-(-len(rows) // _PER_PAGE), key=key, bind="query-params")
    st.caption(t("{n} images, page {page}", n=f"{len(rows):,}", page=page))
    start = (page - 1) * _PER_PAGE
    shown = page_of(rows, page, _PER_PAGE) if mixed else rows.iloc[start : start + _PER_PAGE]
    picked = gallery(tiles(dataset, shown), key=f"gallery-{key}")
    if picked:
        image_dialog(dataset, picked)
