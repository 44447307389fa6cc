"""An image from the visitor's own device. Its bytes are not looked at here."""

from __future__ import annotations

import streamlit as st

from dashboard.core.images import MAX_BYTES
from dashboard.ui.text import t


def upload_image(label: str = "") -> bytes | None:
    """Draw the control, called “Image” unless `label` says more; return the file, undecoded."""
    # Any name: pictures are known by their content, and the engine says what is wrong with others.
    file = st.file_uploader(label or t("Image"), max_upload_size=MAX_BYTES // 2**20)
    return file.getvalue() if file else None
