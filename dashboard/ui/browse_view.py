"""The images of a data set: how they are spread, and a gallery of them."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality.selection import select
from dashboard.ui import charts
from dashboard.ui.paged_gallery import paged_gallery
from dashboard.ui.report_view import report_view
from dashboard.ui.selection_form import selection_form
from dashboard.ui.text import t


def browse_view(dataset: Dataset) -> None:
    """Draw the distribution, the import report and the gallery with its filters."""
    st.plotly_chart(charts.class_counts(dataset.counts()), config={"displayModeBar": False})
    with st.expander(t("Import report"), icon=":material/fact_check:"):
        report_view(dataset)
    selection = selection_form(dataset)
    paged_gallery(dataset, select(dataset, selection), selection, "page")
