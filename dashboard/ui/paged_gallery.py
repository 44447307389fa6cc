"""A gallery of any number of images, page by page; a click shows one large, a tick chooses it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.ui import panels
from dashboard.ui.gallery import gallery, tick_gallery, tiles
from dashboard.ui.image_dialog import image_dialog
from dashboard.ui.shown_image import show_image, shown_image
from dashboard.ui.text import t
from dashboard.ui.url import url_page

_PER_PAGE = 60


def paged_gallery(
    dataset: Dataset,
    rows: np.ndarray,
    choice: Hashable,
    key: str,
    *,
    tick: bool = False,
    captions: Mapping[str, str] | None = None,
) -> list[str]:
    """Draw images of the data set; the page number and the image shown large stand in the URL.

    One at most may be on a page, for the image shown large is looked for among its images.

    Args:
        dataset: Whose images.
        rows: Their row numbers in the index, in order.
        choice: What led to them: with another choice, the first page is shown.
        key: Name of the page number in the URL.
        tick: Whether pictures can be ticked.
        captions: Image id → what to write under it instead of its label.

    Returns:
        Ids of the ticked images, of all pages.
    """
    if not len(rows):
        panels.empty(t("No image matches this choice."))
        return []
    page = url_page(-(-len(rows) // _PER_PAGE), key, (dataset.name, choice))
    st.caption(t("{n} images, page {page}", n=f"{len(rows):,}", page=page))
    shown = rows[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    items = tiles(dataset, dataset.index.iloc[shown], captions)
    picked, ticked = (
        tick_gallery(items, f"gallery-{key}-{choice}")
        if tick
        else (gallery(items, f"gallery-{key}"), [])
    )
    if picked:
        show_image(picked)
    if shown_image():
        image_dialog(dataset, rows)
    there = set(dataset.index["id"].iloc[rows]) if ticked else set()
    return [image_id for image_id in ticked if image_id in there]
