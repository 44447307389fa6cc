"""Home: what Lightbox holds right now, and the four steps in order."""

import streamlit as st

from dashboard.core.data.store import list_datasets
from dashboard.core.models.store import list_models
from dashboard.core.runs import tracking
from dashboard.core.text import mark
from dashboard.ui import links
from dashboard.ui.text import literal, t

STEPS = (
    ("explore", "photo_library", mark("Explore"), mark("Look at the images, or bring your own.")),
    ("train", "model_training", mark("Train"), mark("Train a network and watch it learn.")),
    ("explain", "frame_inspect", mark("Explain"), mark("See which part of an image decided.")),
    ("classify", "image_search", mark("Classify"), mark("Upload a photo and get an answer.")),
)

st.title("Lightbox", anchor=False)
st.caption(t("A workbench for image classification: from the images to an answer you can trust."))

for number, (column, (page, icon, title, what)) in enumerate(
    zip(st.columns(4), STEPS, strict=True)
):
    with column.container(border=True, height="stretch"):
        st.markdown(f"#### {number + 1} · {t(title)}")
        st.write(t(what))
        links.page_link(page, t("Open"), icon)

datasets, models = list_datasets(), list_models()
left, middle, right = st.columns(3)
with left.container(border=True, height="stretch"):
    st.metric(t("Data sets"), len(datasets))
    for dataset in datasets[:5]:
        label = t(
            "{name}: {n} images, {k} classes",
            name=literal(dataset.name),
            n=f"{dataset.report.kept:,}",
            k=len(dataset.classes),
        )
        links.page_link("explore", label, dataset=dataset.name)
    if not datasets:
        st.caption(t("The embedded digits are being prepared …"))
with middle.container(border=True, height="stretch"):
    st.metric(t("Models"), len(models))
    for card in models[:5]:
        links.page_link("explain", literal(card.name), model=card.name)
with right.container(border=True, height="stretch"):
    with st.spinner(t("Reading the runs …")):
        active = tracking.list_runs(tracking.ACTIVE)
    st.metric(t("Active runs"), len(active))
    for run in active[:5]:
        links.page_link("train", literal(run.name), run=run.id)
    if not active:
        st.caption(t("Nothing is being trained right now."))
