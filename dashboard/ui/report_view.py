"""What an import did: notes, and every file it left out with the reason."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.ui.gallery import dropped_url
from dashboard.ui.text import literal, t


def report_view(dataset: Dataset) -> None:
    """Draw the import report of a data set."""
    for note in dataset.report.notes():
        st.write(f"- {literal(t(note.template, **note.values))}")
    if dataset.report.dropped:
        left_out = pd.DataFrame(
            [
                {t("file"): item.file, t("reason"): t(item.template, **item.values)}
                for item in dataset.report.dropped
            ]
        )
        st.dataframe(left_out, hide_index=True, width="stretch")
        st.link_button(t("List of the files left out"), dropped_url(dataset), icon=":material/csv:")
