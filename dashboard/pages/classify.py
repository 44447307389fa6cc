"""Classify: the Gradio widget as a page, and many pictures at once."""

import streamlit as st

from dashboard.core.feedback.giving import what_is_kept
from dashboard.core.models.store import list_models
from dashboard.ui import panels
from dashboard.ui.batch_view import batch_view
from dashboard.ui.text import language, t
from dashboard.ui.url import url_tabs
from dashboard.ui.widget_frame import widget_address

st.title(t("Classify"), anchor=False)
cards = list_models()
if not cards:
    panels.empty(t("There is no published model yet. Train one and publish it."))
    st.stop()
views = {"one": t("One picture"), "many": t("Many pictures")}
if url_tabs(t("View"), views, "view") == "many":
    batch_view(cards)
else:
    st.caption(t("Upload a photo, take one, or paste it.") + " " + t(what_is_kept()))
    st.iframe(widget_address(language()), height=900, alt=t("Upload and classify"))
