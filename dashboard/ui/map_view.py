"""A data set as a map: images that look alike lie close together."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality.embedding import pca_map, stored_umap
from dashboard.core.quality.results import checked_version
from dashboard.ui import charts, panels
from dashboard.ui.paged_gallery import paged_gallery
from dashboard.ui.text import t


def map_view(dataset: Dataset) -> None:
    """Draw the map; images chosen on it are shown below."""
    checked = checked_version(dataset)
    if checked is None:
        panels.empty(t("The map is drawn by the quality check. Start it under Quality."))
        return
    umap = stored_umap(checked)
    places = pca_map(checked) if umap is None else umap
    places = places[places["id"].isin(dataset.index["id"])]
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
        rows = dataset.positions(ids)
        paged_gallery(dataset, rows, tuple(ids), "map-page")
