"""The way back from the change that was just made."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.data.versions import restore
from dashboard.ui import panels
from dashboard.ui.text import t

_KEY = "just-made"


def offer_undo(before: Dataset, made: Dataset) -> None:
    """Remember, for this session, that `made` was just made from `before`."""
    st.session_state[_KEY] = (before, made)


def undo_notice(dataset: Dataset) -> None:
    """Say what was just done to `dataset`, with a button that takes it back."""
    before, made = st.session_state.get(_KEY, (None, None))
    if before is None or made != dataset or made.change is None:
        return
    done = {
        "exclude": t("Images taken out: {n}. The version before is kept.", n=made.change.n),
        "relabel": t("Images relabelled: {n}. The version before is kept.", n=made.change.n),
        "add": t("Images added: {n}. The version before is kept.", n=made.change.n),
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(done[made.change.kind], icon=":material/check:")
        if st.button(t("Undo"), icon=":material/undo:"):
            with panels.guard():
                restore(before.name, before.version)
                del st.session_state[_KEY]
                st.rerun()
