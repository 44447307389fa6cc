"""An image from the visitor's own device. Its bytes are not looked at here."""

from __future__ import annotations

import streamlit as st

from dashboard.ui.text import t


def upload_image(label: str = "") -> bytes | None:
    """Draw the control, called “Image” unless `label` says more; return the file, undecoded."""
    file = st.file_uploader(
        label or t("Image"), type=["jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff"],
        max_upload_size=10,
    )  # fmt: skip
    return file.getvalue() if file else None
