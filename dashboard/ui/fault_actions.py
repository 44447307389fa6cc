"""What mends a fault: taking images out, other labels, or the word that they are fine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.versions import exclude, relabel
from dashboard.core.quality.catalog import FAULTS_BY_ID
from dashboard.core.quality.flags import Flags
from dashboard.core.quality.kept import forget, keep
from dashboard.ui.change_button import change_button
from dashboard.ui.text import t

_SUGGESTED = ""  # no class is called so


def fault_actions(
    dataset: Dataset,
    flags: Flags,
    fault_id: str,
    ids: Sequence[str],
    ticked: Sequence[str],
    kept: bool,
) -> None:
    """Draw the buttons; they act on the ticked images.

    Where none is ticked they act on all, if that is what usually mends the fault: nobody takes
    out hundreds of outliers unseen, and both images of a contradiction are never the wrong one.

    Args:
        dataset: The current version.
        flags: Of `dataset`.
        fault_id: The fault.
        ids: All images shown under it.
        ticked: Some of `ids`.
        kept: Whether `ids` are those that were kept.
    """
    fault = FAULTS_BY_ID[fault_id]
    chosen = list(ticked) or list(ids)
    if ticked:
        st.caption(t("The buttons act on the ticked images: {n}.", n=f"{len(ticked):,}"))
    else:
        st.caption(t("Nothing is ticked: the buttons act on all images below, where they may."))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if fault.action == "relabel" and not kept:
            _relabel(dataset, flags, fault_id, chosen, bool(ticked))
        if not fault.whole and not kept:
            change_button(
                t("Exclude"),
                dataset,
                partial(exclude, dataset, chosen),
                reason=t(fault.label),
                icon="delete_sweep",
                key="exclude",
                disabled=not ticked and fault.action != "exclude",
            )
        if kept:
            _button(t("Flag again"), "flag", partial(forget, dataset, fault_id, chosen))
        else:
            _button(t("They are fine"), "thumb_up", partial(keep, dataset, fault_id, chosen))


def _button(label: str, icon: str, act: partial[None]) -> None:
    st.button(label, icon=f":material/{icon}:", on_click=act)


def _relabel(
    dataset: Dataset, flags: Flags, fault_id: str, ids: Sequence[str], ticked: bool
) -> None:
    suggested = {
        image_id: dataset.classes[index] for image_id, index in flags.suggested(ids).items()
    }
    choices = [_SUGGESTED] if suggested else []
    if ticked:
        choices += dataset.classes
    to = st.selectbox(
        t("Right class"),
        choices,
        format_func=lambda name: name or t("as suggested for each"),
        width=220,
        key=f"to-{fault_id}-{ticked}",
    )
    labels = suggested if to == _SUGGESTED else dict.fromkeys(ids, to)
    change_button(
        t("Relabel"),
        dataset,
        partial(relabel, dataset, labels),
        reason=t(FAULTS_BY_ID[fault_id].label),
        icon="label",
        key="relabel",
        disabled=to is None,
    )
