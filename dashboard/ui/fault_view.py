"""One fault of a data set: its sentence, its images, and what can be done about them."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.quality.catalog import FAULTS_BY_ID
from dashboard.core.quality.flags import Flags
from dashboard.core.quality.results import Found, told
from dashboard.core.text import mark
from dashboard.ui.data import may_edit
from dashboard.ui.fault_actions import fault_actions
from dashboard.ui.paged_gallery import paged_gallery
from dashboard.ui.text import literal, t

_HEADINGS = {
    "class": mark("class"),
    "images": mark("images"),
    "property": mark("property"),
    "accuracy": mark("accuracy"),
    "chance": mark("chance"),
    "skill": mark("skill"),
    "class_skill": mark("skill for that class"),
}
"""Keys of `Found.details` → what they are called where people see them."""


def fault_view(dataset: Dataset, flags: Flags, item: Found) -> None:
    """Draw one fault; images that were kept are shown on request."""
    _sentence(item)
    n_kept = len(flags.of(item.id, kept=True))
    label = t("Show what was kept ({n})", n=n_kept)
    kept = n_kept > 0 and st.toggle(label, key="kept", bind="query-params")
    ids = flags.of(item.id, kept)["id"].tolist()
    editable = may_edit(dataset)
    actions = st.container()
    ticked = paged_gallery(
        dataset,
        dataset.positions(ids),
        (item.id, kept),
        "fault-page",
        tick=editable,
        captions=_suggestions(dataset, flags, ids),
    )
    if editable and ids:
        with actions:
            fault_actions(dataset, flags, item.id, ids, ticked, kept)


def _sentence(item: Found) -> None:
    sentence = t(FAULTS_BY_ID[item.id].sentence, n=item.n, **told(item.values, t))
    st.write(f"**{literal(sentence)}**")
    if item.details:
        rows = [
            {t(_HEADINGS[key]): fact for key, fact in told(facts, t).items()}
            for facts in item.details
        ]
        st.dataframe(rows, hide_index=True, width="stretch")


def _suggestions(dataset: Dataset, flags: Flags, ids: list[str]) -> dict[str, str]:
    """Return image id → its label, then the suggested one."""
    suggested = flags.suggested(ids)
    given = dataset.index["labels"].iloc[dataset.positions(suggested)]
    return {
        image_id: f"{dataset.label(labels)} → {dataset.classes[index]}"
        for (image_id, index), labels in zip(suggested.items(), given, strict=True)
    }
