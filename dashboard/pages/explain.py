"""Explain: which part of an image speaks for which class."""

import streamlit as st

from dashboard.core.models.store import get_model, list_models
from dashboard.ui import panels
from dashboard.ui.access import may_change
from dashboard.ui.explanation import explanation_view
from dashboard.ui.image_choice import choose_image
from dashboard.ui.model_card import model_card
from dashboard.ui.model_import_form import import_model_button
from dashboard.ui.text import t

st.title(t("Explain"), anchor=False)
st.caption(t("A model's answer is only as good as its reason. See where it looked."))

left, right = st.columns([3, 1], vertical_alignment="bottom")
if may_change():
    with right:
        import_model_button()
cards = list_models()
if not cards:
    panels.empty(t("There is no published model yet. Train one and publish it."))
    st.stop()
name = left.selectbox(t("Model"), [card.name for card in cards], key="model", bind="query-params")
model = get_model(name)
controls, stage = st.columns([1, 2], gap="large")
with controls:
    image = choose_image(model.card)
with stage:
    if image is None:
        panels.empty(t("Choose an image on the left."), ":material/image:")
    else:
        with panels.guard():  # here, beside the image, and not below the gallery
            explanation_view(model.card, image)
    model_card(model)
