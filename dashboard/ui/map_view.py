"""A data set as a map: images that look alike lie close together."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality.embedding import pca_map, stored_umap
from dashboard.core.quality.results import load
from dashboard.ui import charts, panels
from dashboard.ui.browse_view import paged_gallery
from dashboard.ui.text import t


def map_view(dataset: Dataset) -> None:
    """Draw the map; images chosen on it are shown below."""
    if load(dataset) is None:
        panels.empty(t("The map is drawn by the quality check. Start it under Quality."))
        return
    umap = stored_umap(dataset)
    places = pca_map(dataset) if umap is None else umap
    st.caption(t("Draw a frame or a lasso around points to see their images."))
    labels = dataset.index.set_index("id")["labels"].loc[places["id"]]
    event = st.plotly_chart(
        charts.scatter_map(places, [dataset.label(item) for item in labels]),
        key="map",
        on_select="rerun",
        selection_mode=("box", "lasso", "points"),
    )
    ids = [point["customdata"][0] for point in event.selection.points]
    if ids:
        rows = dataset.index.set_index("id", drop=False).loc[ids].reset_index(drop=True)
        paged_gallery(dataset, rows, "map-page", mixed=False)
