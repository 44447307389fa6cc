"""Explore: what images there are, how they are spread, what they look like."""

import streamlit as st

from dashboard.ui import charts, panels
from dashboard.ui.access import may_change
from dashboard.ui.data import choose_dataset, image_dialog, load_dataset
from dashboard.ui.gallery import gallery, page_of, tiles
from dashboard.ui.import_form import import_button
from dashboard.ui.report_view import report_view
from dashboard.ui.text import t

PER_PAGE = 60

st.title(t("Explore"), anchor=False)
st.caption(t("Look before you train: how many images, of what, and what do they look like?"))

left, right = st.columns([3, 1], vertical_alignment="bottom")
with left:
    name = choose_dataset()
if may_change():
    with right:
        import_button()
if not name:
    panels.empty(t("There is no data set yet. Import a zip of class folders to begin."))
    st.stop()

dataset = load_dataset(name)
counts = dataset.counts()
totals = counts.sum(axis=1)
for column, label, value in zip(
    st.columns(4),
    (t("Images"), t("Classes"), t("Largest to smallest class"), t("Version")),
    (
        f"{dataset.report.kept:,}",
        len(dataset.classes),
        f"{totals.max() / totals.min():.1f} : 1",
        dataset.version[:8],
    ),
    strict=True,
):
    column.metric(label, value, border=True)
st.plotly_chart(charts.class_counts(counts), config={"displayModeBar": False})
with st.expander(t("Import report"), icon=":material/fact_check:"):
    report_view(dataset)

left, right = st.columns(2)
chosen_class = left.selectbox(
    t("Class"),
    dataset.classes,
    index=None,
    placeholder=t("all classes"),
    key="class",
    bind="query-params",
)
split = right.selectbox(
    t("Split"),
    list(counts.columns),
    index=None,
    placeholder=t("all splits"),
    key="split",
    bind="query-params",
)
rows = dataset.rows(split, dataset.classes.index(chosen_class) if chosen_class else None)
if rows.empty:
    panels.empty(t("No image matches this choice."))
    st.stop()
page = st.pagination(-(-len(rows) // PER_PAGE), key="page", bind="query-params")
st.caption(t("{n} images, page {page}", n=f"{len(rows):,}", page=page))
picked = gallery(tiles(dataset, page_of(rows, page, PER_PAGE)), key="gallery")
if picked:
    image_dialog(dataset, picked)
