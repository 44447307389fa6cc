"""The mean image and the colours of a data set and of each class."""

from __future__ import annotations

import base64
import io

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality.averages import averages
from dashboard.ui import panels
from dashboard.ui.gallery import Tile, gallery
from dashboard.ui.text import t

_MAX_SHOWN = 100  # classes: each picture is sent with the page


def averages_view(dataset: Dataset) -> None:
    """Draw the mean images, and a table of means and deviations per channel."""
    st.subheader(t("Mean image"), anchor=False)
    with st.spinner(t("Averaging the images…")):
        found = averages(dataset)
    if found is None:
        panels.empty(t("Mean images are made by the quality check. Start it under Quality."))
        return
    names = [t("all classes"), *dataset.classes]
    shown = list(zip(names, found.images, strict=True))[: 1 + _MAX_SHOWN]
    gallery([Tile(name, _address(image), name) for name, image in shown], key="means")
    st.subheader(t("Colours"), anchor=False)
    columns = {t("class"): names}
    for number, channel in enumerate((t("red"), t("green"), t("blue"))):
        columns[t("{channel}, mean", channel=channel)] = found.means[:, number]
        columns[t("{channel}, deviation", channel=channel)] = found.deviations[:, number]
    st.dataframe(pd.DataFrame(columns).round(1), hide_index=True, width="stretch")


def _address(image: np.ndarray) -> str:
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
