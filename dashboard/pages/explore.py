"""Explore: what images there are, how they are spread, what they look like."""

import streamlit as st

from dashboard.ui import panels
from dashboard.ui.access import may_change
from dashboard.ui.augment_view import augment_view
from dashboard.ui.browse_view import browse_view
from dashboard.ui.data import choose_dataset, chosen_version, load_dataset
from dashboard.ui.feedback_view import feedback_view
from dashboard.ui.import_form import import_button
from dashboard.ui.map_view import map_view
from dashboard.ui.preprocess_view import preprocess_view
from dashboard.ui.quality_view import quality_view
from dashboard.ui.statistics_view import statistics_view
from dashboard.ui.text import t
from dashboard.ui.undo import undo_notice
from dashboard.ui.url import url_tabs
from dashboard.ui.versions_view import older_notice, versions_list

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

dataset = load_dataset(name, chosen_version(name))
older_notice(dataset)
undo_notice(dataset)
for column, label, value in zip(
    st.columns(4),
    (t("Images"), t("Classes"), t("Largest to smallest class"), t("Version")),
    (
        f"{dataset.report.kept:,}",
        len(dataset.classes),
        f"{dataset.imbalance():.1f} : 1",
        dataset.version[:8],
    ),
    strict=True,
):
    column.metric(label, value, border=True)
versions_list(dataset)
views = {
    "images": (t("Images"), browse_view),
    "statistics": (t("Statistics"), statistics_view),
    "quality": (t("Quality"), quality_view),
    "map": (t("Map"), map_view),
    "input": (t("Input"), preprocess_view),
    "augment": (t("Augment"), augment_view),
}
if may_change():  # visitors' pictures are nobody else's business
    views["feedback"] = (t("Feedback"), feedback_view)
view = url_tabs(t("View"), {key: label for key, (label, _) in views.items()}, "view")
views[view][1](dataset)
