"""A data set as a map: images that look alike lie close together."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality.base import SIDE
from dashboard.core.quality.catalog import FAULTS_BY_ID
from dashboard.core.quality.embedding import neighbours_of, pca_map, stored_umap
from dashboard.core.quality.flags import Flags, load_flags
from dashboard.core.serving.client import engine
from dashboard.ui import charts, panels
from dashboard.ui.paged_gallery import paged_gallery
from dashboard.ui.text import t
from dashboard.ui.upload import upload_image
from dashboard.ui.url import url_select


def map_view(dataset: Dataset) -> None:
    """Draw the map; below, the images chosen on it or those like an uploaded one."""
    flags = load_flags(dataset)
    if flags is None:
        panels.empty(t("The map is drawn by the quality check. Start it under Quality."))
        return
    with st.expander(t("Find images like one of yours"), icon=":material/image_search:"):
        uploaded = upload_image()
    ids = _map(dataset, flags)
    if uploaded:
        _alike(dataset, uploaded)
    elif ids:
        paged_gallery(dataset, dataset.positions(ids), tuple(ids), "map-page")


def _map(dataset: Dataset, flags: Flags) -> list[str]:
    """Draw it and return the ids of the chosen points."""
    umap = stored_umap(flags.checked)
    places = pca_map(flags.checked) if umap is None else umap
    if flags.checked != dataset:
        places = places[dataset.holds(places["id"])]
    colours = {"class": t("class"), "flag": t("flag")}
    by_flag = url_select(t("Colour"), colours, "colour", "class", width=200) == "flag"
    rest = t("no flag") if by_flag else ""
    ids = places["id"]
    names = _flag_names(flags, ids, rest) if by_flag else _class_names(dataset, ids)
    st.caption(t("Draw a frame or a lasso around points to see their images."))
    event = st.plotly_chart(
        charts.scatter_map(places, names, rest),
        key="map",
        on_select="rerun",
        selection_mode=("box", "lasso", "points"),
        alt=t("A point for each image; images that look alike lie close together."),
    )
    return [point["customdata"][0] for point in event.selection.points]


def _class_names(dataset: Dataset, ids: pd.Series) -> list[str]:
    return [dataset.label(item) for item in dataset.index["labels"].iloc[dataset.positions(ids)]]


def _flag_names(flags: Flags, ids: pd.Series, rest: str) -> list[str]:
    """Name the first flag of each image in the order of the catalogue, or `rest`."""
    labels = {fault.id: t(fault.label) for fault in FAULTS_BY_ID.values() if not fault.whole}
    first = flags.table[flags.table["fault"].isin(list(labels))].drop_duplicates("id")
    names = dict(zip(first["id"], first["fault"].map(labels), strict=True))
    return [names.get(image_id, rest) for image_id in ids]


def _alike(dataset: Dataset, uploaded: bytes) -> None:
    """Show the images nearest to an uploaded one, which the engine decodes."""
    with panels.guard():
        pixels = engine().thumbnail(uploaded, SIDE)
        found = neighbours_of(dataset, pixels)
        rows = dataset.positions(found["id"])
        labels = dataset.index["labels"].iloc[rows]
        captions = {
            image_id: f"{dataset.label(item)} · {distance:.2f}"
            for image_id, item, distance in zip(found["id"], labels, found["distance"], strict=True)
        }
        st.subheader(t("Most like the uploaded image"), anchor=False)
        st.caption(t("The number is the distance in feature space: the smaller, the more alike."))
        choice = tuple(found["id"])
        paged_gallery(dataset, rows, choice, "map-page", captions=captions)
