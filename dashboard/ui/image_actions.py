"""Taking one image out of a data set, or giving it another label."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.versions import exclude, relabel
from dashboard.core.quality.catalog import FAULTS_BY_ID
from dashboard.core.quality.flags import Flags, load_flags
from dashboard.core.tasks import spans
from dashboard.ui.change_button import change_button
from dashboard.ui.shown_image import hide_image
from dashboard.ui.text import literal, t


def image_actions(dataset: Dataset, image_id: str) -> None:
    """Draw the choice of another label and the two buttons that make a new version."""
    flags = load_flags(dataset)
    reason = _reason(flags, image_id)
    labels = _labels(dataset, image_id, flags)
    given = _names(dataset, image_id)
    with st.container(horizontal=True):
        change_button(
            t("Relabel"),
            dataset,
            lambda why: _closing(relabel(dataset, {image_id: labels}, why)),
            reason=reason,
            icon="label",
            key="relabel-one",
            disabled=not labels or set(labels) == set(given),
        )
        change_button(
            t("Exclude"),
            dataset,
            lambda why: _closing(exclude(dataset, [image_id], why)),
            reason=reason,
            icon="delete",
            key="exclude-one",
        )


def _closing(made: Dataset) -> Dataset:
    hide_image()  # the way back is offered on the page behind
    return made


def _labels(dataset: Dataset, image_id: str, flags: Flags | None) -> list[str]:
    given = _names(dataset, image_id)
    key = f"labels-{dataset.version}-{image_id}"
    if dataset.task == "multi_label":
        return st.multiselect(t("Right classes"), dataset.classes, given, key=key)
    suggested = flags.suggested([image_id]) if flags else {}
    help = t("Chosen is what a quick classifier suggests.") if suggested else None
    chosen = []
    for task, span in zip(dataset.tasks, spans(dataset.tasks), strict=True):
        label = t("Right class: {task}", task=literal(task.name)) if task.name else t("Right class")
        choices = dataset.classes[span]
        now = next(index for index, name in enumerate(choices) if name in given)
        place = suggested.get(image_id, span.start + now) - span.start
        names = dict(zip(choices, task.classes, strict=True))
        chosen.append(
            st.selectbox(
                label,
                choices,
                place,
                format_func=names.__getitem__,
                key=f"{key}-{task.name}",
                help=help,
            )
        )
    return chosen


def _names(dataset: Dataset, image_id: str) -> list[str]:
    return [dataset.classes[index] for index in dataset.row(image_id)["labels"]]


def _reason(flags: Flags | None, image_id: str) -> str:
    found = [] if flags is None else flags.on(image_id)["fault"]
    names = [t(FAULTS_BY_ID[fault].label) for fault in found]
    return ", ".join(names) or t("looked at by hand")
