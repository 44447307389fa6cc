"""Classify: the Gradio widget as a page."""

import streamlit as st

from dashboard.core.models.store import list_models
from dashboard.ui import panels
from dashboard.ui.text import language, t
from dashboard.ui.widget_frame import widget_address

st.title(t("Classify"), anchor=False)
st.caption(t("Upload a photo, take one, or paste it. Nothing is kept."))
if not list_models():
    panels.empty(t("There is no published model yet. Train one and publish it."))
    st.stop()
st.iframe(widget_address(language()), height=900, alt=t("Upload and classify"))
