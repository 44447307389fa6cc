"""Choosing an image: from a data set or by upload."""

from __future__ import annotations

import streamlit as st

from dashboard.core.models.card import Card
from dashboard.ui.data import EMBEDDED, choose_dataset, load_dataset
from dashboard.ui.gallery import gallery, page_of, tiles
from dashboard.ui.text import t
from dashboard.ui.upload import upload_image
from dashboard.ui.url import url_tabs

_PER_PAGE = 24


def choose_image(card: Card) -> bytes | None:
    """Draw the controls and return the chosen image's bytes, undecoded."""
    sources = {"dataset": t("Data set"), "upload": t("Upload")}
    chosen = url_tabs(t("Image from"), sources, "source")
    return upload_image() if chosen == "upload" else _from_dataset(card)


def _from_dataset(card: Card) -> bytes | None:
    name = choose_dataset(card.dataset.name if card.dataset else EMBEDDED)
    if not name:
        return None
    dataset = load_dataset(name)
    chosen_class = st.selectbox(
        t("Class"), dataset.classes, index=None, placeholder=t("all classes"),
        key="class", bind="query-params",
    )  # fmt: skip
    rows = dataset.rows("test", dataset.classes.index(chosen_class) if chosen_class else None)
    page = st.pagination(
        -(-len(rows) // _PER_PAGE) or 1, max_visible_pages=3, key="page", bind="query-params"
    )
    shown = page_of(rows, page, _PER_PAGE)
    current = st.query_params.get("image", "")
    if not (dataset.index["id"] == current).any():  # of another data set, or of none
        current = shown.iloc[0]["id"] if len(shown) else ""
    picked = gallery(tiles(dataset, shown), key="choice", selected=current, tile_px=60)
    if picked and picked != current:
        st.query_params["image"] = picked
        st.rerun()
    return dataset.image_path(current).read_bytes() if current else None
