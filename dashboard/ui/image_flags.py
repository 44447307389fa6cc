"""What is wrong with one image, with the image it is about as well."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality.catalog import FAULTS_BY_ID
from dashboard.core.quality.flags import load_flags
from dashboard.core.quality.kept import keep
from dashboard.ui.data import may_edit
from dashboard.ui.gallery import gallery, tiles
from dashboard.ui.shown_image import show_image
from dashboard.ui.text import t


def image_flags(dataset: Dataset, image_id: str) -> None:
    """Draw each flag of an image as a sentence, the partner that can be clicked, and "fine"."""
    flags = load_flags(dataset)
    if flags is None:
        return
    for row in flags.on(image_id).itertuples():
        fault = FAULTS_BY_ID[row.fault]
        if not fault.whole:
            _flag(dataset, image_id, row.fault, row.other_id)


def _flag(dataset: Dataset, image_id: str, fault_id: str, other_id: str) -> None:
    with st.container(border=True):
        st.write(t(FAULTS_BY_ID[fault_id].single))
        if other_id:
            partner = dataset.index.iloc[[dataset.position(other_id)]]
            picked = gallery(tiles(dataset, partner), key=f"partner-{fault_id}", tile_px=72)
            if picked:
                show_image(picked)
                st.rerun(scope="fragment")
        if may_edit(dataset):
            st.button(
                t("It is fine"),
                icon=":material/thumb_up:",
                key=f"keep-{fault_id}",
                on_click=keep,
                args=(dataset, fault_id, [image_id]),
            )
