"""A data set as a map: images that look alike lie close together."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.errors import LightboxError
from dashboard.core.models.store import StoredModel, get_model, list_models
from dashboard.core.quality import job
from dashboard.core.quality.base import SIDE
from dashboard.core.quality.catalog import FAULTS_BY_ID
from dashboard.core.quality.embedding import neighbours_of, pca_map, stored_umap
from dashboard.core.quality.flags import Flags, load_flags
from dashboard.core.quality.model_features import has_model_features
from dashboard.core.serving.client import engine
from dashboard.ui import charts, panels
from dashboard.ui.access import change_notice, may_change
from dashboard.ui.job_progress import job_progress
from dashboard.ui.paged_gallery import paged_gallery
from dashboard.ui.text import literal, sentence, t
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
    left, right = st.columns(2)
    with left:
        model = _model()
    if model and not has_model_features(flags.checked, model):
        _offer(flags.checked, model)
        return
    with right:
        by_flag = _by_flag()
    ids = _map(dataset, flags, model, by_flag)
    if uploaded:
        _alike(dataset, uploaded)
    elif ids:
        paged_gallery(dataset, dataset.positions(ids), tuple(ids), "map-page")


def _model() -> StoredModel | None:
    """Draw the choice of what places the images; None: what they look like."""
    names = {"": t("what they look like"), **{card.name: card.name for card in list_models()}}
    chosen = url_select(t("Placed by"), names, "by", "")
    return get_model(chosen) if chosen else None


def _by_flag() -> bool:
    colours = {"class": t("class"), "flag": t("flag")}
    return url_select(t("Colour"), colours, "colour", "class") == "flag"


def _offer(dataset: Dataset, model: StoredModel) -> None:
    """Draw the progress of the model's map, or the button that has it drawn."""
    state = job.state(dataset)
    if state.status == "running":
        job_progress(dataset)
        return
    if state.error:
        st.error(literal(sentence(LightboxError.from_json(state.error))), icon=":material/error:")
    st.write(
        t(
            "The images are placed by what goes into the model's last layer: those that it finds "
            "alike lie together. This has to be computed once."
        )
    )
    if not may_change():
        change_notice()
    elif st.button(t("Draw this map"), type="primary", icon=":material/scatter_plot:"):
        job.start(dataset, model.card.name)
        st.rerun()


def _map(dataset: Dataset, flags: Flags, model: StoredModel | None, by_flag: bool) -> list[str]:
    """Draw it and return the ids of the chosen points."""
    umap = stored_umap(flags.checked, model)
    places = pca_map(flags.checked, model) if umap is None else umap
    if flags.checked != dataset:
        places = places[dataset.holds(places["id"])]
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
